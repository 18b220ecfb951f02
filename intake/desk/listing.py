"""The list of the desk: its rows, each with who acts, what is next, by when, and why it is in this view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.cut import is_cut
from intake.desk.narrowing import narrowing
from intake.desk.stretch import stretch_of
from intake.desk.views import VIEWS, apart, branches, of_reason
from intake.desk.walking import Condition, Place, counted
from intake.desk.wish import Wish
from intake.language import short_day, translate
from intake.rows import kind_of
from intake.search import is_cut as words_cut
from intake.search import together
from intake.sight import Reader, seen_attempts
from schemas.case import Case, calendar_of, cooperation_of
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Organisation
from schemas.standing import Standing, standing
from schemas.subjects import Question, Trajectory
from schemas.words import word

SIZE = 20


@dataclass(frozen=True)
class Part:
    """A part of a list, with the ways to its neighbours."""

    questions: Sequence[Question]
    total: int
    previous: str
    next: str
    words_cut: bool  # the words asked for occur in more questions than were looked at
    view_cut: bool  # a reason to be in this view holds for more trajectories than were looked at


async def part_of(session: AsyncSession, reader: Reader, wish: Wish, today: date, known: Mapping[str, int]) -> Part:
    """The part of the list that a wish asks for; `previous` and `next` are addresses' queries, or empty.

    `known`: how many there are in each view.
    """
    narrow = await narrowing(session, reader, wish)
    found_in = together(list(branches(wish.view, reader, today)), wish.text, reader)
    chosen = [one & (narrow_all(narrow)) if narrow else one for one in found_in]
    found = await stretch_of(session, chosen, wish.by, wish.place, SIZE, back=bool(wish.before and wish.place))
    total = await counted(session, chosen, apart=apart(wish.view, reader)) if wish.narrowed else known[wish.view]
    return Part(
        found.questions, total, _before(wish, found.before) if found.before else "",
        _after(wish, found.after, found.length) if found.after else "",
        await words_cut(session, wish.text, reader), await is_cut(session, wish.view, reader, today),
    )  # fmt: skip


def narrow_all(conditions: Sequence[Condition]) -> Condition:
    first, *rest = conditions
    for one in rest:
        first = first & one
    return first


def _after(wish: Wish, last: Place, shown: int) -> str:
    return wish.query(after=last.written(), nr=str(wish.first + shown))


def _before(wish: Wish, first: Place) -> str:
    return wish.query(before=first.written(), nr=str(max(1, wish.first - SIZE)))


async def rows_of(
    session: AsyncSession, reader: Reader, wish: Wish, questions: Sequence[Question], today: date, language: str
) -> list[dict[str, Any]]:
    """What the rows of a part say."""
    cities = {row.id: named(row, language) for row in
              await session.exec(select(Organisation).where(Organisation.kind == "municipality"))}  # fmt: skip
    why = await _why(session, reader, wish.view, questions, today)
    mine = await held_by(session, branches("mine", reader, today), questions)
    query = select(Trajectory).where(col(Trajectory.question_id).in_([one.id for one in questions]))
    attempts: dict[int, list[Trajectory]] = {}
    for one in await session.exec(query.order_by(col(Trajectory.id))):
        attempts.setdefault(one.question_id, []).append(one)
    cooperation, moment = await cooperation_of(session), now()
    calendar = await calendar_of(session, cooperation)
    found = []
    for at, row in enumerate(questions):
        seen = list(seen_attempts(reader, row, attempts.get(row.id, [])))
        stand = standing(Case(session, row, row, seen, cooperation, calendar, moment), language)
        found.append({
            "question": row, "city": cities.get(row.city_id or "", ""), "kind": _shape(row, row.id in mine),
            "state": word(language, f"states.{row.state}.label"), "now": stand,
            "late": bool(stand.by and stand.by < today), "at": at + 1,
            "why": _reasons(why.get(row.id, []), wish.view, row, seen, stand, today, language),
        })  # fmt: skip
    return found


def back_to(wish: Wish, at: int) -> str:
    """Where one returns to from the n-th row of this list, as a query of the page that one goes to."""
    return urlencode({"from": wish.href(place=True) + f"#r{at}"})


def _shape(row: Question, mine: bool) -> str:
    """In the list only what waits for the reader asks for attention."""
    kind = kind_of(row.state)
    return "waiting" if kind == "act" and not mine else kind


async def held_by(session: AsyncSession, conditions: Sequence[Condition], questions: Sequence[Question]) -> set[int]:
    """Which of these questions meet one of the conditions."""
    ids = [one.id for one in questions]
    if not ids or not conditions:
        return set()
    return set(await session.exec(select(Question.id).where(col(Question.id).in_(ids), or_(*conditions))))


async def _why(
    session: AsyncSession, reader: Reader, view: str, questions: Sequence[Question], today: date
) -> dict[int, list[str]]:
    """Per question the names of the reasons that hold."""
    found: dict[int, list[str]] = {}
    for reason in VIEWS[view]:
        if reason.name:
            for one in await held_by(session, list(of_reason(reason, reader, today)), questions):
                found.setdefault(one, []).append(reason.name)
    return found


def _reasons(
    names: Sequence[str], view: str, row: Question, seen: Sequence[Trajectory], stand: Standing, today: date,
    language: str,
) -> str:  # fmt: skip
    _ = translate
    if view == "mine":
        task = word(language, f"states.{stand.state}.task")
        return task[:1].upper() + task[1:]
    if view == "others":
        return _("Waiting since %(day)s") % {"day": short_day(row.since)}
    offered = max((one.since for one in seen if one.state == "offered"), default=row.since)
    late = (
        _("Was due on %(day)s") % {"day": short_day(stand.by)} if stand.by and stand.by < today else _("Was reminded")
    )
    said = {
        "new": _("Came in on %(day)s") % {"day": short_day(row.created_at)},
        "offered": _("Offered on %(day)s") % {"day": short_day(offered)},
        "late": late,
        "at_risk": _("Reported as at risk"),
        "stalled": _("More than a month past its end"),
        "declined_twice": _("Declined twice or more"),
        "silent": _("The owner does not answer"),
        "undelivered": _("A letter did not arrive"),
        "answered": _("Answered by e-mail, not read yet"),
        "hold": _("On hold until %(day)s") % {"day": short_day(row.until)},
    }
    return "; ".join(dict.fromkeys(said[name] for name in names))

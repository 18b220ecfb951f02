"""What needs this reader now: each with one sentence that says since when, who waits, and what happens by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.views import LATE, LATE_ATTEMPT, mine_of
from intake.desk.walking import Order, walked
from intake.language import short_day, translate
from intake.sight import Reader
from schemas.case import Case, calendar_of, cooperation_of
from schemas.guards import holds
from schemas.ledger import Entry
from schemas.moment import now
from schemas.parties import Person
from schemas.process import QUESTION, TRAJECTORY
from schemas.rules import Due, Role
from schemas.standing import standing
from schemas.subjects import Question, Subject, Trajectory
from schemas.words import word

MOST = 10  # of what is late, and as many of what is not
T = TypeVar("T", Question, Trajectory)
GROUPS = ("late", "today", "week", "later")


@dataclass(frozen=True)
class Task:
    """One line on top of the desk."""

    ref: str
    title: str
    href: str
    why: str
    more: str
    by: str
    badge_kind: str
    badge_label: str
    group: str

    @property
    def late(self) -> bool:
        return self.group == "late"


async def tasks_of(session: AsyncSession, reader: Reader, language: str) -> tuple[list[Task], bool]:
    """What waits for this reader, the latest and soonest first, and whether there is more than is shown."""
    questions, cut = await _soonest(session, Question, reader)
    attempts, cut_too = await _soonest(session, Trajectory, reader)
    about = {one.id: one for one in await _rows(session, Question, [one.question_id for one in attempts])}
    pairs: list[tuple[Question, Subject]] = [(one, one) for one in questions]
    pairs += [(about[one.question_id], one) for one in attempts]
    cooperation = await cooperation_of(session)
    calendar, moment = await calendar_of(session, cooperation), now()
    waits = await _who_waits(session, reader, [subject for _, subject in pairs])
    tasks = [
        _task(Case(session, subject, question, [], cooperation, calendar, moment), language,
              waits.get((question.id, subject.id if subject is not question else None), ""))
        for question, subject in pairs
    ]  # fmt: skip
    return sorted(tasks, key=lambda one: (GROUPS.index(one.group), one.by or "9")), cut or cut_too


async def _soonest(session: AsyncSession, table: type[T], reader: Reader) -> tuple[list[T], bool]:
    mine = mine_of(QUESTION if table is Question else TRAJECTORY, reader)
    late, soon = ([one & past for one in mine] for past in (col(table.due_n) > 0, col(table.due_n) == 0))
    found = [await walked(session, table, part, Order("due"), None, MOST + 1) for part in (late, soon)]
    ids = [one for part in found for one, _ in part[:MOST]]
    return await _rows(session, table, ids), any(len(part) > MOST for part in found)


async def _rows(session: AsyncSession, table: type[T], ids: Iterable[int]) -> list[T]:
    return list(await session.exec(select(table).where(col(table.id).in_(set(ids)))))


async def _who_waits(
    session: AsyncSession, reader: Reader, subjects: Sequence[Subject]
) -> Mapping[tuple[int, int | None], str]:
    """Per subject the name of whoever brought it where it is; nobody when that was the reader or went by itself."""
    ids = {one.question_id if isinstance(one, Trajectory) else one.id for one in subjects}
    query = (
        select(Entry.question_id, Entry.trajectory_id, Person.id, Person.name)
        .join(Person, col(Person.id) == Entry.actor_id)
        .where(col(Entry.question_id).in_(ids), Entry.from_state != Entry.to_state)
        .order_by(col(Entry.id))
    )
    found = {(question, attempt): (person, name) for question, attempt, person, name in await session.exec(query)}
    return {key: name for key, (person, name) in found.items() if person not in reader.ids}


def _task(case: Case, language: str, waits: str) -> Task:
    question, subject = case.question, case.subject
    what = word(language, f"states.{subject.state}.task") or word(language, f"states.{subject.state}.what")
    path = "questions" if subject is question else "trajectories"
    by, late = standing(case, language).by, subject.due_n > 0 and subject.state in (*LATE, *LATE_ATTEMPT)
    return Task(
        ref=subject.ref or "", title=question.title, href=f"/{path}/{subject.ref}", why=what[:1].upper() + what[1:],
        more=sentence(case, waits, language), by=by.isoformat() if by else "", badge_kind="act",
        badge_label=word(language, f"states.{subject.state}.label"),
        group="late" if late else group_of(by, case.today),
    )  # fmt: skip


def group_of(by: date | None, today: date) -> str:
    """Late, today, this week (up to and including Sunday) or later."""
    if by is None:
        return "later"
    if by <= today:
        return "today" if by == today else "late"
    return "week" if by <= today + timedelta(days=6 - today.weekday()) else "later"


def sentence(case: Case, waits: str, language: str) -> str:
    """Since when, who waits, and what happens by itself when nothing is done."""
    _, since = translate, short_day(case.subject.since)
    said = _("Since %(day)s; %(name)s is waiting.") if waits else _("Since %(day)s.")
    parts = [said % {"day": since, "name": waits}]
    found = _by_itself(case)
    if found:
        row, day = found
        parts.append(
            _("If you do nothing: %(what)s on %(day)s.") % {"what": _what(row, language), "day": short_day(day)}
        )
    return " ".join(parts)


def _by_itself(case: Case) -> tuple[Due, date] | None:
    """What the clock does if nobody acts: the step it takes in the end, else what it tells next."""
    subject, rows = case.subject, case.due(case.subject.state)
    ahead = [
        (row, day) for n, row in enumerate(rows)
        if n >= subject.due_n and holds(row.when, case, {}) and (day := case.day(row.at)) and day >= case.today
    ]  # fmt: skip
    return next((one for one in ahead if one[0].take), ahead[0] if ahead else None)


def _what(row: Due, language: str) -> str:
    _ = translate
    steps = {
        "lapse": _("the offer lapses"), "park": _("the question is parked"), "start": _("it counts as started"),
        "presume_accepted": _("the result counts as accepted"), "withdraw": _("the question is withdrawn"),
        "close": _("the question is closed"), "close_vote": _("the vote is closed"), "wake": _("it goes on"),
        "hand_back": _("it goes back to the coordinator"),
    }  # fmt: skip
    if row.take or row.tell is None:
        return steps.get(row.take or "", _("it goes on"))
    if row.tell.letter == "overdue":
        return _("a message goes to the %(who)s") % {"who": _told(row.tell.to, language)}
    return _("a reminder is sent")


def _told(to: tuple[Role, ...], language: str) -> str:
    _ = translate
    return _(" and the ").join(word(language, f"roles.{role}") for role in to)

"""Other rules: which open questions still run under earlier ones, what moving each would change, and moving them."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.language import day, language_of, speaking
from intake.language import translate as _
from intake.pages import page
from intake.sight import Reader
from schemas.case import cooperation_of
from schemas.changes import Change, change_of, count_behind, open_ones, refs_behind
from schemas.database import reading, writing
from schemas.process import QUESTION, TRAJECTORY
from schemas.steps import Actor, MovedOn, take_step
from schemas.subjects import Question, Trajectory
from schemas.versions import Rules, known
from schemas.words import word

router = APIRouter()
SHOWN = 100  # questions on one page; those that were moved make room for the next
MOVERS = {*QUESTION.steps["adopt"].by}


@router.get("/changes")
async def show(request: Request, reader: KnownReader, moved: int = 0, left: int = 0) -> Response:
    """The open questions under earlier rules, with what would change."""
    _check(reader)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        cooperation = await cooperation_of(session)
        rules = known(cooperation.process_id, None, cooperation.data)
        refs = await refs_behind(session, cooperation.process_id, SHOWN)
        rows, total = await _rows(session, refs, rules, language), await count_behind(session, cooperation.process_id)
        return page(
            request, "changes.html", reader, rows=rows, total=total, shown=SHOWN, moved=moved, left=left,
            rules=rules,
        )  # fmt: skip


@router.post("/changes")
async def move(request: Request, reader: KnownReader) -> Response:
    """Let the chosen questions, or all that are shown, go on under the rules of now."""
    _check(reader)
    form = await request.form()
    chosen = [str(one) for one in form.getlist("ref")]
    async with reading(request.app.state.engine) as session:
        late = await refs_behind(session, (await cooperation_of(session)).process_id, SHOWN)
    wanted = late if form.get("which") == "all" else [ref for ref in late if ref in chosen]
    done = [await _moved(request, reader, ref) for ref in wanted]
    return RedirectResponse(f"/changes?moved={sum(done)}&left={len(done) - sum(done)}", 303)


def may_move(reader: Reader) -> bool:
    """Whether this reader may let questions go on under other rules."""
    return bool(reader.roles & MOVERS)


def _check(reader: Reader) -> None:
    if not may_move(reader):
        raise NotForYou


async def _moved(request: Request, reader: Reader, ref: str) -> bool:
    try:
        async with writing(request.app.state.engine) as session:
            question = (await session.exec(select(Question).where(Question.ref == ref))).one()
            await take_step(session, question, "adopt", Actor(reader.person.id))
    except MovedOn:  # somebody was first
        return False
    return True


async def _rows(session: AsyncSession, refs: Sequence[str], to: Rules, language: str) -> list[dict[str, Any]]:
    """One choice per question, with what would change for it and for its trajectories."""
    query = select(Question).where(col(Question.ref).in_(refs)).order_by(col(Question.id))
    found = []
    for question in (await session.exec(query)).all():
        subjects = [question, *await session.exec(open_ones(Trajectory).where(Trajectory.question_id == question.id))]
        with speaking(language):
            told = [line for one in subjects for line in _told(await change_of(session, one, to), language)]
        hint = " ".join(told) or _("Nothing changes for it now.")
        found.append({"value": question.ref, "label": f"{question.ref} {question.title}", "hint": hint})
    return found


def _told(change: Change, language: str) -> Iterator[str]:
    if not change.of_rules:
        return
    state = word(language, f"states.{change.state}.label")
    if change.loaded != change.moved:
        days = {"ref": change.ref, "state": state, "before": _day(change.loaded), "after": _day(change.moved)}
        yield _("%(ref)s (%(state)s): the clock looks again on %(after)s instead of %(before)s.") % days
    if change.at_once:
        yield _("That day has gone by: it acts at once.")
    steps = {"opened": _("New here: %(steps)s."), "closed": _("No longer here: %(steps)s.")}
    for name, said in steps.items():
        names = [_label(step, language) for step in getattr(change, name)]
        if names:
            yield said % {"steps": ", ".join(names)}
    if change.letters:
        yield _("Letters: %(letters)s.") % {"letters": ", ".join(change.letters)}
    if change.rules and change.ref == change.question:  # a trajectory has the rules of its question
        rules = {"committee": _("how the committee decides"), "mandate": _("what the coordinator decides alone"),
                 "clocks": _("which closed days count")}  # fmt: skip
        yield _("Other rules: %(rules)s.") % {"rules": ", ".join(rules[one] for one in change.rules)}


def _label(step: str, language: str) -> str:
    there = step in QUESTION.steps or step in TRAJECTORY.steps
    return word(language, f"steps.{step}.label") if there else step


def _day(value: date | None) -> str:
    return day(value) if value else _("no day")


async def late_rules(session: AsyncSession, reader: Reader) -> int:
    """How many open questions run under earlier rules, for those who may move them."""
    if not may_move(reader):
        return 0
    return await count_behind(session, (await cooperation_of(session)).process_id)

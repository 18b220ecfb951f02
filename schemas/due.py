"""The clock's share: what is due is an indexed range; each row is taken under the same fence as a person's step."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from schemas.case import Case, take_up
from schemas.fence import fenced
from schemas.guards import holds
from schemas.incidents import Incident, kind_of, settled
from schemas.ledger import Entry, put_down
from schemas.letters import owe, send_off
from schemas.rules import Due, Role, Tell
from schemas.running import after_told, matter, still_waited_for
from schemas.steps import CLOCK, advance
from schemas.subjects import Question, Subject, Trajectory

REASONS = {"withdraw": "parked_too_long", "hand_back": "not_picked_up"}


def is_due(table: type[Subject], at: Any) -> ColumnElement[bool]:
    """The condition that a subject's term has run out; what failed waits until it is tried again."""
    waiting = select(Incident.subject_id).where(Incident.kind == kind_of(table), Incident.retry_at > at)
    return and_(col(table.due_at) <= at, col(table.id).not_in(waiting))


def due_query(table: type[Subject], at: datetime, limit: int) -> SelectOfScalar[int]:
    """The subjects for which something is due, longest ago first."""
    return select(table.id).where(is_due(table, at)).order_by(col(table.due_at)).limit(limit)


async def due_ids(session: AsyncSession, table: type[Subject], at: datetime, limit: int) -> list[int]:
    """What `due_query` finds."""
    return list(await session.exec(due_query(table, at, limit)))


async def run_due(session: AsyncSession, table: type[Subject], subject_id: int, at: datetime) -> str | None:
    """Do what is due for one subject: the step taken or letter owed, or None when another was first.

    After a time without a clock a step is taken before the reminders that it makes needless, and of several letters of
    one kind only the last is owed.
    """
    subject: Question | Trajectory | None = await session.get(table, subject_id)
    if subject is None:
        return None
    case = await take_up(session, subject, at)
    if subject.due_at is None or subject.due_at > at:
        return None
    done = await _do(case)
    await settled(session, table, subject_id)
    return done


async def _do(case: Case) -> str | None:
    if case.subject.state not in case.machine.states:  # of another release: an incident, not silence
        raise LookupError(case.subject.state)
    if case.timing.until:
        return (await advance(case, case.machine.resuming, CLOCK, {})).step
    rows, n = case.due(case.subject.state), matter(case)
    row = rows[n] if n < len(rows) else None
    if row and row.take and holds(row.when, case, {}):
        return (await advance(case, row.take, CLOCK, _given(row.take, case))).step
    return await _tell(case, row, n)


def _given(step: str, case: Case) -> dict[str, str]:
    return {"reason": REASONS[step]} if "reason" in case.machine.steps[step].required else {}


async def _tell(case: Case, row: Due | None, n: int) -> str | None:
    subject, state = case.subject, case.subject.state
    if not await _move_on(case, n):
        return None
    if row is None or row.tell is None or not holds(row.when, case, {}):
        return None
    entry = Entry(
        question_id=case.question.id,
        trajectory_id=subject.id if isinstance(subject, Trajectory) else None,
        version=subject.version, step="remind", from_state=state, to_state=state, role=Role.CLOCK,
        needs={"letter": row.tell.letter, "nth": n}, at=case.now, process_id=subject.process_id,
    )  # fmt: skip
    await put_down(case.session, entry)
    await owe(case, entry, [to_those_who_wait(case, row.tell)], row.at)
    await send_off(case)
    return row.tell.letter


def to_those_who_wait(case: Case, tell: Tell) -> Tell:
    """Whoever has done their part already is not reminded of it."""
    done = {*case.machine.states[case.subject.state].waits_for} - {*still_waited_for(case)}
    return replace(tell, to=tuple(role for role in tell.to if role not in done))


async def _move_on(case: Case, n: int) -> bool:
    """Set the next term, unless another has done so: the same fence as for a step."""
    subject = case.subject
    subject.due_at, subject.due_n = after_told(case, n)
    return await fenced(case.session, subject)

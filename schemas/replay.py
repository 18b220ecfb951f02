"""What a clock must say, worked out again from the ledger alone; and clocks set right when the calendar has changed.

A replay takes the entries of one subject in their order and lets the same rules run on them: which terms its version
has, which days count, when it was suspended. Facts of the placement (`starts_on`, `ends_on`) are taken as they stand.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, open_case, take_up
from schemas.incidents import kind_of
from schemas.ledger import Entry
from schemas.process import MACHINES
from schemas.running import Moment, after_told, carry_on, set_going
from schemas.subjects import Question, Subject, Trajectory, apart

TABLES: tuple[type[Subject], ...] = (Question, Trajectory)


async def entries_of(session: AsyncSession, subject: Subject) -> Sequence[Entry]:
    """The ledger of this question or trajectory itself, oldest first."""
    if isinstance(subject, Trajectory):
        query = select(Entry).where(Entry.trajectory_id == subject.id)
    else:
        query = select(Entry).where(Entry.question_id == subject.id, col(Entry.trajectory_id).is_(None))
    return (await session.exec(query.order_by(col(Entry.version), col(Entry.id)))).all()


def replay(case: Case, entries: Sequence[Entry]) -> Moment:
    """When the clock looks again, and at which term of the state, after these entries. The case is not changed."""
    return replayed(case, entries)[:2]


def replayed(case: Case, entries: Sequence[Entry]) -> tuple[datetime | None, int, dict[str, object]]:
    """As `replay`, with the timing as JSON."""
    again = _begun(case, entries)
    for entry in entries:
        _after(again, entry)
    if not entries:
        set_going(again)
    return again.subject.due_at, again.subject.due_n, again.subject.clock


def _begun(case: Case, entries: Sequence[Entry]) -> Case:
    """The case as it was before its first entry."""
    subject = case.subject
    first = entries[0] if entries else None
    # A part of a question that was split begins with the entry of the split, in the state that it was born in.
    newborn = first is None or (first.from_state == first.to_state and first.step != "remind")
    bare: dict[str, object] = {
            "state": subject.state if first is None else first.from_state if not newborn else "", "clock": {},
            "due_at": None, "due_n": 0, "since": _since(subject, first),
            "process_id": first.process_id if first else subject.process_id}  # fmt: skip
    again = case.at(apart(subject, **bare))
    again.now = again.subject.since
    if isinstance(again.subject, Question):
        again.question = again.subject
    return again


def _since(subject: Subject, first: Entry | None) -> datetime:
    """When its first clock began: with its first entry, or before that when the first is a reminder of a draft."""
    if first is None or (first.step == "remind" and subject.state == first.from_state):
        return subject.since
    return subject.created_at if first.step == "remind" and isinstance(subject, Question) else first.at


def _after(case: Case, entry: Entry) -> None:
    subject = case.subject
    case.now, subject.process_id = entry.at, entry.process_id
    if entry.step == "remind":
        subject.due_at, subject.due_n = after_told(case, int(entry.needs.get("nth", subject.due_n)))
        return
    before, since = subject.state, case.calendar.local(subject.since)
    if before != entry.to_state:
        subject.state, subject.since = entry.to_state, entry.at
    if isinstance(subject, Question) and "until" in entry.needs and entry.to_state == "on_hold":
        subject.until = datetime.fromisoformat(entry.needs["until"]).date()
    carry_on(case, case.machine.steps[entry.step], before, since, entry.needs)


async def differing(session: AsyncSession, limit: int | None = None) -> list[tuple[Subject, Moment]]:
    """The subjects with a running clock whose `due_at` is not what the replay says, each with what it says."""
    found: list[tuple[Subject, Moment]] = []
    for table in TABLES:
        ends = next(one.ends for one in MACHINES.values() if one.name == kind_of(table))
        running = or_(col(table.due_at).is_not(None), col(table.state).not_in(ends))
        query = select(table).where(running).order_by(col(table.due_at), col(table.id)).limit(limit)
        rows: Sequence[Any] = (await session.exec(query)).all()
        for subject in rows:
            moment = replay(await open_case(session, subject), await entries_of(session, subject))
            if moment != (subject.due_at, subject.due_n):
                found.append((subject, moment))
    return found


async def set_right(session: AsyncSession) -> int:
    """Give every running clock the moment of its replay, as when the calendar has changed; how many moved."""
    differ = await differing(session)
    for subject, _ in differ:
        moment = replay(await take_up(session, subject), await entries_of(session, subject))
        subject.due_at, subject.due_n = moment
        subject.version += 1  # a step in hand was judged by the old day: it is judged again
    await session.flush()
    return len(differ)

"""How things are, in numbers, for whoever watches over an installation: letters, terms, incidents, signs of life."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.access import Sign
from schemas.incidents import open_incidents
from schemas.ledger import Entry, Letter, LetterState
from schemas.moment import now
from schemas.subjects import Question, Trajectory
from schemas.written import among

MANY = 10_000  # letters that are counted one by one
# By name: what it is, the name of its label or "", and the values by label.
Figures = dict[str, tuple[str, str, dict[str, float]]]


def not_asleep(at: datetime) -> ColumnElement[bool]:
    """Letters that do not wait for the end of quiet hours. The pace puts a letter off by a minute at most."""
    return or_(col(Letter.attempts) > 0, col(Letter.due_at) <= at + timedelta(minutes=2))


def in_states(*states: LetterState) -> ColumnElement[bool]:
    """Letters in one of these states."""
    return among(col(Letter.state), states)  # nearly all are sent


async def oldest_owed(session: AsyncSession, at: datetime) -> datetime | None:
    """Since when the letter waits that has waited longest; None when none does."""
    # Found among those owed alone: asked for the least of all, a database walks from the first letter there ever was.
    owed = select(Letter.owed_at).where(in_states(LetterState.OWED), not_asleep(at)).offset(0).subquery()
    found: datetime | None = (await session.exec(select(func.min(owed.c.owed_at)))).one()
    return found


async def figures(session: AsyncSession) -> Figures:
    """Counted now."""
    at = now()
    letters = {state: float(count) for state, count in (await letters_by_state(session)).items()}
    waiting = col(Entry.followed_at).is_(None)
    first = select(func.min(Entry.at)).where(waiting)
    overdue = {
        table.__name__.lower(): await _one(session, select(func.count()).where(col(table.due_at) <= at))
        for table in (Question, Trajectory)
    }
    signs = (await session.exec(select(Sign))).all()
    return {
        "letters": ("Letters, by where they are.", "state", letters),
        "oldest_owed_letter_seconds": ("Age of the oldest letter that is owed.", "",
                                       _age(await oldest_owed(session, at), at)),
        "overdue_terms": ("Terms that have run out and wait for the clock.", "machine", overdue),
        "waiting_entries": ("Steps taken whose letters nobody has seen to.", "",
                            {"": await _one(session, select(func.count()).select_from(Entry).where(waiting))}),
        "oldest_waiting_entry_seconds": ("Age of the oldest of those.", "",
                                         _age((await session.exec(first)).one(), at)),
        "incidents": ("What the clock could not do.", "", {"": float(await open_incidents(session))}),
        "questions": ("Questions, by state.", "state", await _by(session, Question.state)),
        "part_ok": ("Whether a part says that it is well.", "part", {one.name: float(one.ok) for one in signs}),
        "part_silent_seconds": ("Since a part last gave a sign of life.", "part",
                                {one.name: (at - one.at).total_seconds() for one in signs}),
    }  # fmt: skip


async def letters_by_state(session: AsyncSession) -> dict[str, int]:
    """How many letters are where. Beyond MANY those that were sent are what the last number given out leaves for them.

    A million of them would take longer to count than anything else that a page does.
    """
    others = in_states(*(state for state in LetterState if state != LetterState.SENT))
    query = select(Letter.state, func.count()).where(others).group_by(col(Letter.state))
    counts = {state.value: 0 for state in LetterState} | dict((await session.exec(query)).all())
    first = select(Letter.id).where(in_states(LetterState.SENT)).limit(MANY + 1).subquery()
    sent = (await session.exec(select(func.count()).select_from(first))).one()
    if sent > MANY:
        last = (await session.exec(select(func.max(Letter.id)))).one() or 0
        sent = max(sent, last - sum(counts.values()))
    return counts | {LetterState.SENT.value: sent}


async def _by(session: AsyncSession, what: Any) -> dict[str, float]:
    return {str(name): float(count) for name, count in await session.exec(select(what, func.count()).group_by(what))}


async def _one(session: AsyncSession, query: Any) -> float:
    return float((await session.exec(query)).one())


def _age(first: datetime | None, at: datetime) -> dict[str, float]:
    return {"": (at - first).total_seconds() if first else 0.0}

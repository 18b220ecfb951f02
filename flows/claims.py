"""Taking work, so that nobody else has it: rows leased under a fencing token. A dead holder's rows come free again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from flows import pace
from flows.identity import gone
from schemas.ledger import Entry, Letter, LetterState
from schemas.letter_events import happened
from schemas.moment import now
from schemas.settings import settings
from schemas.subjects import Question

LEASE = timedelta(seconds=90)
LOST = "The connection was lost while the letter was being handed over; it may have arrived."


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run needs to know of an entry it has taken."""

    id: int
    ref: str
    step: str
    from_state: str
    to_state: str
    trajectory: bool
    at: datetime
    trace: str | None


def unfollowed(at: datetime) -> ColumnElement[bool]:
    """Entries whose consequences nobody has in hand."""
    free = or_(col(Entry.lease_until).is_(None), col(Entry.lease_until) <= at)
    return and_(col(Entry.followed_at).is_(None), free)


def due(at: datetime) -> ColumnElement[bool]:
    """Letters owed that may go out, and uncertain ones whose one retry has come."""
    again = and_(col(Letter.state) == LetterState.UNCERTAIN, col(Letter.may_retry))
    return and_(or_(col(Letter.state) == LetterState.OWED, again), col(Letter.due_at) <= at)


def loose() -> ColumnElement[bool]:
    """Letters that no entry brings along any more: it has been followed, or there was none."""
    waiting = exists().where(col(Entry.id) == col(Letter.entry_id), col(Entry.followed_at).is_(None))
    return or_(col(Letter.entry_id).is_(None), ~waiting)


def lapsed(at: datetime) -> ColumnElement[bool]:
    """Letters whose holder has not been heard of for a lease."""
    return and_(col(Letter.state) == LetterState.SENDING, col(Letter.lease_until) <= at)


async def claim_entries(session: AsyncSession, token: str, limit: int) -> list[Taken]:
    """Take the oldest entries that nobody has seen to."""
    rows = await session.exec(
        select(Entry, Question.ref)
        .join(Question, col(Question.id) == col(Entry.question_id))
        .where(unfollowed(now()))
        .order_by(col(Entry.id))
        .limit(limit)
        .with_for_update(of=Entry, skip_locked=True)
    )
    taken = []
    for entry, ref in rows:
        entry.lease, entry.lease_until = token, now() + LEASE
        moved = entry.from_state, entry.to_state
        taken.append(
            Taken(entry.id, ref or "", entry.step, *moved, entry.trajectory_id is not None, entry.at, entry.trace)
        )
    return taken


async def stamp_followed(session: AsyncSession, token: str, ids: Iterable[int]) -> int:
    """Note that the consequences of these entries have been seen to; how many were still ours."""
    done = await session.exec(
        update(Entry)
        .where(col(Entry.id).in_(list(ids)), col(Entry.lease) == token, col(Entry.followed_at).is_(None))
        .values(followed_at=now(), lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return done.rowcount


async def claim_letters(session: AsyncSession, token: str, limit: int, which: ColumnElement[bool]) -> list[Letter]:
    """Take the letters that are due, longest ago first, as many as the pace allows."""
    room = await pace.room(session, due(now()), which)
    query = select(Letter).where(due(now()), which, *room.open).order_by(col(Letter.due_at), col(Letter.id))
    rows = await session.exec(query.limit(min(limit, room.total)).with_for_update(skip_locked=True))
    letters = [letter for letter in rows if room.take(letter)]
    for letter in letters:
        if letter.state == LetterState.UNCERTAIN:
            letter.may_retry, letter.retried_at = False, now()
            session.add(happened(letter, "retried", state=LetterState.SENDING))
        letter.state, letter.attempts, letter.handed_at = LetterState.SENDING, letter.attempts + 1, None
        letter.lease, letter.lease_until, letter.tried_at = token, now() + LEASE, now()
    return letters


def doubt(letter: Letter) -> dict[str, Any]:
    """What an uncertain letter becomes: tried once more after a while, if that is the rule and it was not yet."""
    minutes = settings().uncertain_retry_minutes
    again = bool(minutes) and letter.retried_at is None and letter.used_at is None
    return {"state": LetterState.UNCERTAIN, "may_retry": again, "due_at": now() + timedelta(minutes=minutes)}


async def settle_lapsed(session: AsyncSession) -> list[Letter]:
    """Decide about letters of a run that died: owed again, or uncertain when it had handed them over."""
    rows = await session.exec(select(Letter).where(lapsed(now())).limit(500).with_for_update(skip_locked=True))
    letters = list(rows)
    for letter in letters:
        letter.lease_until = None
        if letter.handed_at is None:
            letter.state, letter.lease = LetterState.OWED, None
        else:  # the token stays: should its holder live after all, its word is still the better one
            letter.reply = LOST
            for name, value in doubt(letter).items():
                setattr(letter, name, value)
            session.add(happened(letter, "lost", state=letter.state, reply=LOST))
    return letters


async def free_dead(session: AsyncSession) -> int:
    """End the leases of processes of this machine that are no more; how many runs they were in."""
    held = set(await session.exec(select(Letter.lease).where(Letter.state == LetterState.SENDING).distinct()))
    held |= set(await session.exec(select(Entry.lease).where(col(Entry.followed_at).is_(None)).distinct()))
    dead = [token for token in held if token and gone(token)]
    for table in (Letter, Entry):
        mine = (col(table.lease).in_(dead), col(table.lease_until).is_not(None))
        await session.exec(
            update(table).where(*mine).values(lease_until=now()).execution_options(synchronize_session=False)
        )
    return len(dead)

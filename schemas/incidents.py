"""What the clock could not do: kept where people see it, and tried again later, so that nothing else waits for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, delete, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.moment import now
from schemas.subjects import Question, Subject

FIRST, LONGEST = timedelta(seconds=30), timedelta(hours=1)  # until the second attempt; between any two


class Incident(SQLModel, table=True):
    """Something due that failed. The row goes when it has been done after all."""

    __table_args__ = (UniqueConstraint("kind", "subject_id"), Index("ix_incident_retry", "kind", "retry_at"))

    id: int = Field(default=None, primary_key=True)
    kind: str  # question or trajectory
    subject_id: int
    ref: str = ""
    cause: str = ""
    attempts: int = 0
    first_at: datetime = Field(default_factory=now)
    last_at: datetime = Field(default_factory=now)
    retry_at: datetime = Field(default_factory=now)


class Postponement(SQLModel, table=True):
    """Somebody said that an incident may wait, until when and why. Kept, also when the incident has gone."""

    __table_args__ = (Index("ix_postponement_subject", "kind", "subject_id"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    subject_id: int
    ref: str = ""
    cause: str = ""
    until: datetime
    reason: str
    by_id: int = Field(foreign_key="person.id")
    at: datetime = Field(default_factory=now)


def kind_of(table: type[Subject]) -> str:
    return "question" if table is Question else "trajectory"


async def failed(session: AsyncSession, table: type[Subject], subject_id: int, error: Exception, at: datetime) -> None:
    """Note a failure, and when it is tried again: after half a minute, then ever later, at most an hour."""
    query = select(Incident).where(Incident.kind == kind_of(table), Incident.subject_id == subject_id)
    row = (await session.exec(query.with_for_update())).first()
    if row is None:
        subject: Subject | None = await session.get(table, subject_id)
        row = Incident(kind=kind_of(table), subject_id=subject_id, first_at=at, ref=(subject and subject.ref) or "")
    row.attempts, row.last_at = row.attempts + 1, at
    # Only what kind of fault it was: a message may quote what people filled in.
    row.cause = f"{type(error).__name__} in {_place(error)}"
    row.retry_at = at + min(FIRST * 2 ** min(row.attempts - 1, 10), LONGEST)
    session.add(row)


async def settled(session: AsyncSession, table: type[Subject], subject_id: int) -> None:
    """It has been done after all."""
    here = (Incident.kind == kind_of(table)) & (Incident.subject_id == subject_id)
    if (await session.exec(select(Incident.id).where(here))).first():
        await session.exec(delete(Incident).where(here))  # type: ignore[arg-type]


async def try_again(session: AsyncSession, ids: Iterable[int] | None = None) -> int:
    """Let these be tried again now, or all; how many."""
    which = update(Incident) if ids is None else update(Incident).where(col(Incident.id).in_(list(ids)))
    return (await session.exec(which.values(retry_at=now()))).rowcount


async def postpone(session: AsyncSession, ids: Iterable[int], until: datetime, reason: str, by_id: int) -> int:
    """Let these wait until a moment, and keep who said so and why; how many."""
    rows = (await session.exec(select(Incident).where(col(Incident.id).in_(list(ids))).with_for_update())).all()
    for row in rows:
        row.retry_at = until
        session.add(Postponement(kind=row.kind, subject_id=row.subject_id, ref=row.ref, cause=row.cause, until=until,
                                 reason=reason, by_id=by_id))  # fmt: skip
    return len(rows)


async def open_incidents(session: AsyncSession) -> int:
    """How many there are now."""
    return (await session.exec(select(func.count(col(Incident.id))))).one()


def _place(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace else "an unknown place"

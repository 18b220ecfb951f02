"""Notes that people write beside the process: a table that only grows, who may read which, and who is told."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import JSON, Index, UniqueConstraint, update
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.moment import now
from schemas.rules import Role

LONGEST = 2000
CORRECTED_WITHIN = timedelta(minutes=15)
WORKERS, EVERYONE = "workers", "everyone"
# Who works on every question; an institution's people only on their own trajectories.
_CITY = (Role.COORDINATOR, Role.CHAIR, Role.COMMITTEE, Role.PRIVACY, Role.ADMIN)
_INSTITUTION = (Role.BROKER, Role.LECTURER)
_CONCERNED = (Role.OWNER, Role.SUBMITTER, Role.DEPUTY, *_INSTITUTION, Role.PARTNER)


class Note(SQLModel, table=True):
    """One thing written, corrected, added or removed. Rows are never changed, but that removed words are emptied."""

    __table_args__ = (
        Index("ix_note_question", "question_id", "id"),
        UniqueConstraint("actor_id", "key"),
    )

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    trajectory_id: int | None = Field(default=None, foreign_key="trajectory.id")
    about_id: int | None = Field(default=None, foreign_key="note.id")  # the note that this corrects or removes
    kind: str = "written"  # written, corrected (soon after: shown instead), added (later: shown below it), removed
    audience: str
    actor_id: int = Field(foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")  # in whose place
    role: str
    text: str = ""
    mentions: list[int] = Field(default_factory=list, sa_type=JSON)  # people
    key: str | None = None  # of the form it came from, which may be sent twice
    at: datetime = Field(default_factory=now)


class Told(NamedTuple):
    """A note as it reads now."""

    note: Note
    text: str
    corrected_at: datetime | None
    added: Sequence[Note]
    removed: Note | None
    mentions: set[int]


def audience(name: str, *, trajectory: bool) -> tuple[Role, ...]:
    """The roles that read and write notes of an audience, on a question or on one trajectory."""
    if name == EVERYONE:
        return (*_CITY, *_CONCERNED)
    return (*_CITY, *_INSTITUTION) if trajectory else _CITY


def readable(note: Note, roles: Collection[Role]) -> bool:
    """Whether somebody with these roles towards the note's question or trajectory may read it."""
    may = {*audience(note.audience, trajectory=note.trajectory_id is not None)}
    return bool(may.intersection(roles) or (note.audience == EVERYONE and Role.EXECUTIVE in roles))


def writable(roles: Collection[Role], *, trajectory: bool) -> tuple[str, ...]:
    """The audiences that somebody with these roles may write to, the smallest first."""
    return tuple(one for one in (WORKERS, EVERYONE) if {*audience(one, trajectory=trajectory)}.intersection(roles))


async def rows_of(session: AsyncSession, question_id: int) -> list[Note]:
    """Everything written on a question and its trajectories, oldest first."""
    query = select(Note).where(Note.question_id == question_id).order_by(col(Note.id))
    # As they are in the database: removing empties words behind the back of a session that has read them.
    return list(await session.exec(query.execution_options(populate_existing=True)))


def as_they_read(rows: Iterable[Note]) -> list[Told]:
    """The notes with what was corrected, added or removed later."""
    rows = list(rows)
    return [_told(one, [row for row in rows if row.about_id == one.id]) for one in rows if one.kind == "written"]


def _told(note: Note, later: Sequence[Note]) -> Told:
    corrected = [one for one in later if one.kind == "corrected"][-1:]
    text, at = (corrected[0].text, corrected[0].at) if corrected else (note.text, None)
    removed = next((one for one in later if one.kind == "removed"), None)
    mentions = {one for row in (note, *later) for one in row.mentions}
    return Told(note, text, at, [one for one in later if one.kind == "added"], removed, mentions)


async def note_with_key(session: AsyncSession, actor_id: int, key: str | None) -> Note | None:
    """What this form has written already."""
    query = select(Note).where(Note.actor_id == actor_id, Note.key == key)
    return (await session.exec(query)).first() if key else None


def correction(note: Note, text: str, mentions: list[int], key: str | None) -> Note:
    """The row that corrects a note of one's own: instead of it soon after, else below it."""
    kind = "corrected" if now() - note.at <= CORRECTED_WITHIN else "added"
    return _about(note, kind, note.actor_id, note.role, text=text, mentions=mentions, key=key)


async def remove(session: AsyncSession, note: Note, actor_id: int, role: str) -> None:
    """Take a note away: its words are emptied, that it was there stays. Doing it twice is doing it once."""
    gone = (await session.exec(select(Note.id).where(Note.about_id == note.id, Note.kind == "removed"))).first()
    if gone is None:
        mine = (col(Note.id) == note.id) | (col(Note.about_id) == note.id)
        await session.exec(update(Note).where(mine).values(text="").execution_options(synchronize_session=False))
        session.add(_about(note, "removed", actor_id, role))
        await session.flush()


def _about(note: Note, kind: str, actor_id: int, role: str, **more: Any) -> Note:
    return Note(
        question_id=note.question_id, trajectory_id=note.trajectory_id, about_id=note.id, kind=kind,
        audience=note.audience, actor_id=actor_id, role=role, **more,
    )  # fmt: skip

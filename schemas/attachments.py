"""Files that people add to a question, a trajectory or a note: in the database, in chunks; one backup has all."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Index, LargeBinary
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import Field, SQLModel, col, delete, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import reading
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.notes import Note  # noqa: F401 - a foreign key names its table
from schemas.settings import settings
from schemas.subjects import Question

CHUNK = 512 * 1024


class Attachment(SQLModel, table=True):
    """One file. Of a removed one the row stays: what it was, who took it away and when."""

    __table_args__ = (Index("ix_attachment_question", "question_id", "id"),)

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    trajectory_id: int | None = Field(default=None, foreign_key="trajectory.id")
    note_id: int | None = Field(default=None, foreign_key="note.id")
    result: bool = False  # part of what a lecturer delivers
    name: str
    type: str
    size: int
    sha256: str
    scanned: bool = False  # a virus scanner has looked at it
    by_id: int | None = Field(default=None, foreign_key="person.id")  # nobody known yet, while it is a draft
    at: datetime = Field(default_factory=now)
    removed_by_id: int | None = Field(default=None, foreign_key="person.id")
    removed_at: datetime | None = None


class Chunk(SQLModel, table=True):
    """A piece of a file; the pieces count from 0."""

    attachment_id: int = Field(foreign_key="attachment.id", primary_key=True, ondelete="CASCADE")
    n: int = Field(primary_key=True)
    data: bytes = Field(sa_type=LargeBinary)


async def attach(session: AsyncSession, one: Attachment, content: BinaryIO) -> Attachment:
    """Keep a file; the same one in the same place is kept once. Raises FaultyNeeds when the question has enough."""
    await session.exec(select(Question.id).where(Question.id == one.question_id).with_for_update())
    here = await attached(session, one.question_id)
    place = ("trajectory_id", "note_id", "result", "sha256", "name")
    for other in here:
        if all(getattr(other, part) == getattr(one, part) for part in place):
            return other
    if len(here) >= settings().files_per_question:
        raise FaultyNeeds([Fault("files", "enough_files", str(settings().files_per_question))])
    session.add(one)
    await session.flush()
    content.seek(0)  # a unit of work that is tried again reads it again
    for n in range(-(-one.size // CHUNK)):
        piece = Chunk(attachment_id=one.id, n=n, data=content.read(CHUNK))
        session.add(piece)
        await session.flush()
        session.expunge(piece)  # no more than one in memory
    return one


async def attached(session: AsyncSession, question_id: int, *, removed: bool = False) -> list[Attachment]:
    """The files of a question with those of its trajectories and notes, oldest first."""
    query = select(Attachment).where(Attachment.question_id == question_id)
    query = query if removed else query.where(col(Attachment.removed_at).is_(None))
    return list(await session.exec(query.order_by(col(Attachment.id))))


async def count_of(session: AsyncSession, question_id: int, trajectory_id: int | None) -> int:
    """How many files come with a question, or with one trajectory and its question; those of notes apart."""
    query = select(func.count(col(Attachment.id))).where(
        Attachment.question_id == question_id, col(Attachment.removed_at).is_(None), col(Attachment.note_id).is_(None),
        col(Attachment.trajectory_id).is_(None) | (col(Attachment.trajectory_id) == trajectory_id),
    )  # fmt: skip
    return (await session.exec(query)).one()


async def content_of(engine: AsyncEngine, one: Attachment) -> AsyncIterator[bytes]:
    """The content, piece by piece: nobody on a slow line keeps a connection to the database busy."""
    for n in range(-(-one.size // CHUNK)):
        async with reading(engine) as session:
            query = select(Chunk.data).where(Chunk.attachment_id == one.id, Chunk.n == n)
            yield (await session.exec(query)).one()


async def take_away(session: AsyncSession, one: Attachment, by_id: int | None) -> None:
    """Remove a file for good; that it was there stays known, but of a draft. Doing it twice is doing it once."""
    if by_id is None:
        await _empty(session, [one.id])
        await session.delete(one)
    elif one.removed_at is None:
        one.removed_at, one.removed_by_id = now(), by_id
        session.add(one)
        await _empty(session, [one.id])


async def drop_files(session: AsyncSession, question_id: int) -> None:
    """Nothing stays of the files of a draft."""
    await _empty(session, [one.id for one in await attached(session, question_id, removed=True)])
    await session.exec(delete(Attachment).where(col(Attachment.question_id) == question_id))


async def _empty(session: AsyncSession, ids: Iterable[int]) -> None:
    await session.exec(delete(Chunk).where(col(Chunk.attachment_id).in_(list(ids))))

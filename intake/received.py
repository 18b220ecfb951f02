"""What came in by mail, for pages and API alike: on a question and in lists, with the names that a page tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.sight import Reader
from schemas.case import Case
from schemas.ledger import Letter
from schemas.parties import Person
from schemas.received import Fate, Kind, Received, loose, may_read, unread
from schemas.roles import roles_towards
from schemas.subjects import Question

LISTS: Mapping[str, ColumnElement[bool]] = {"loose": loose(), "unread": unread(), "all": true()}


@dataclass(frozen=True)
class Seen:
    """A message with what it is about, by the names that a page tells."""

    row: Received
    writer: str  # the name of who wrote, where that can be believed
    question: Question | None
    maybe: Question | None
    letter: Letter | None
    by: str  # who marked, attached or put it aside
    remover: str


async def on_question(case: Case, reader: Reader) -> list[Seen]:
    """The answers to letters about a question, oldest first; none for who may not read them."""
    if not may_read(roles_towards(reader.ids, reader.held, case.question, case.trajectories)):
        return []
    shown = (Received.question_id == case.question.id, Received.kind == Kind.REPLY)
    return await with_names(case.session, await _rows(case.session, *shown))


async def listed(session: AsyncSession, which: str, limit: int, offset: int = 0) -> tuple[list[Seen], int]:
    """A list of what came in, the latest first, and how long it is as a whole."""
    where = LISTS[which]
    total = (await session.exec(select(func.count()).select_from(Received).where(where))).one()
    query = select(Received).where(where).order_by(col(Received.id).desc()).limit(limit).offset(offset)
    return await with_names(session, list(await session.exec(query))), total


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many wait for somebody to say where they belong, and how many answers nobody has read."""
    found = {}
    for name in ("loose", "unread"):
        found[name] = (await session.exec(select(func.count()).select_from(Received).where(LISTS[name]))).one()
    return found


async def _rows(session: AsyncSession, *where: Any) -> list[Received]:
    return list(await session.exec(select(Received).where(*where).order_by(col(Received.id))))


async def with_names(session: AsyncSession, rows: Sequence[Received]) -> list[Seen]:
    """Messages with the people, questions and letters that they name."""
    people = {who for one in rows for who in (one.person_id, one.settled_by_id, one.removed_by_id)}
    names = {one.id: one.name for one in await session.exec(select(Person).where(col(Person.id).in_(people)))}
    about = {which for one in rows for which in (one.question_id, one.maybe_id)}
    questions = {one.id: one for one in await session.exec(select(Question).where(col(Question.id).in_(about)))}
    ids = {one.letter_id for one in rows}
    letters = {one.id: one for one in await session.exec(select(Letter).where(col(Letter.id).in_(ids)))}
    return [
        Seen(one, names.get(one.person_id or 0, ""), questions.get(one.question_id or 0),
             questions.get(one.maybe_id or 0), letters.get(one.letter_id or 0),
             names.get(one.settled_by_id or 0, ""), names.get(one.removed_by_id or 0, ""))
        for one in rows
    ]  # fmt: skip


def waits(row: Received) -> bool:
    """Whether a person still has to look at it."""
    return row.state == Fate.NEW

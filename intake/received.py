"""What came in by mail, for pages and API alike: who reads which, what one may do about it, and what it is called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, true
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.mail_care import cares
from intake.sight import Reader, visible
from schemas import replies
from schemas.case import Case
from schemas.ledger import Letter
from schemas.mail import TooLate
from schemas.needs import Need, check, model_of
from schemas.parties import Person
from schemas.received import Fate, Kind, Received, loose, may_read, unread
from schemas.roles import roles_towards
from schemas.subjects import Question

NEEDS: Mapping[str, Mapping[str, Need]] = {"read": {}, "attach": {"question": Need("line", max=40)}, "aside": {}}
MODELS = {name: model_of(needs, frozenset(needs), name.title()) for name, needs in NEEDS.items()}
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


async def found(session: AsyncSession, reader: Reader, number: int) -> Seen | None:
    """One message, for who may read it; None when there is none. Raises NotForYou."""
    row = await session.get(Received, number) if 0 < number < 2**31 else None
    if row is None:
        if not cares(reader):
            raise NotForYou  # who may read none learns of none
        return None
    if not cares(reader) and not await _reads(session, reader, row):
        raise NotForYou
    return (await with_names(session, [row]))[0]


async def _reads(session: AsyncSession, reader: Reader, row: Received) -> bool:
    seen = select(Question.id).where(Question.id == row.question_id, visible(reader))
    return row.kind == Kind.REPLY and may_read(reader.roles) and (await session.exec(seen)).first() is not None


def actions_for(reader: Reader, row: Received) -> list[str]:
    """What this reader may do about it now."""
    if not cares(reader):
        return []
    able = [name for name, states in replies.OPEN_TO.items() if row.state in states]
    if row.question_id is None and "read" in able:
        able.remove("read")  # it has to go somewhere first
    return able + ([] if row.removed_at else ["remove"])


async def act(session: AsyncSession, reader: Reader, number: int, action: str, given: Mapping[str, Any]) -> Seen | None:
    """Do it; None when there is no such message. Raises NotForYou, FaultyNeeds, TooLate."""
    seen = await found(session, reader, number)
    if seen is None:
        return None
    if not cares(reader):
        raise NotForYou
    me = reader.person.id
    if action == "remove":
        await replies.remove(session, seen.row, me)
    else:
        clean = check(MODELS[action], given)
        if action not in actions_for(reader, seen.row):
            raise TooLate(seen.row.state)
        await replies.settle(session, seen.row, action, me, clean.get("question", ""))
    return (await with_names(session, [seen.row]))[0]


def waits(row: Received) -> bool:
    """Whether a person still has to look at it."""
    return row.state == Fate.NEW

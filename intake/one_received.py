"""One message that came in: who may open it, and what they may do about it."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.mail_care import cares
from intake.received import Seen, with_names
from intake.sight import Reader, visible
from schemas import replies
from schemas.mail import TooLate
from schemas.needs import Need, check, model_of
from schemas.received import Kind, Received, may_read
from schemas.subjects import Question

NEEDS: Mapping[str, Mapping[str, Need]] = {"read": {}, "attach": {"question": Need("line", max=40)}, "aside": {}}
MODELS = {name: model_of(needs, frozenset(needs), name.title()) for name, needs in NEEDS.items()}


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

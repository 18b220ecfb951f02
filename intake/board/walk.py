"""Which questions stand on a page of the board: those to hand in first, walked from any place in the list."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.board.wish import ORDER, Wish
from intake.desk.stretch import stretch_of
from intake.desk.walking import counted
from schemas.prospects import Prospect
from schemas.subjects import Question

SIZE = 12  # each is compared with the whole supply
STATES = ("matching", "triage")  # those looked for, and those that may come


@dataclass(frozen=True)
class Part:
    """A part of the list, with the addresses of its neighbours, or empty."""

    questions: Sequence[Question]
    total: int
    previous: str
    next: str
    ends: str  # where the next part begins, or empty


async def part_of(session: AsyncSession, wish: Wish, size: int = SIZE) -> Part:
    """The part of the board that a wish asks for."""
    narrow = _narrow(wish)
    branches = [and_(col(Question.state) == state, *narrow) for state in STATES]
    found = await stretch_of(session, branches, ORDER, wish.place, size, back=bool(wish.before and wish.place))
    before, after = (place.written() if place else "" for place in (found.before, found.after))
    return Part(
        found.questions, await counted(session, branches), wish.href(before=before) if before else "",
        wish.href(after=after) if after else "", after,
    )  # fmt: skip


def _narrow(wish: Wish) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wish.challenge:
        found.append(col(Question.challenge) == wish.challenge)
    for column, value in ((Prospect.institution_id, wish.institution), (Prospect.term_id, wish.term)):
        if value:
            here = select(Prospect.id).where(col(column) == value, Prospect.question_id == Question.id)
            found.append(here.exists())
    return found

"""Which questions stand on a page of the board: those to hand in first, walked from any place in the list."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.board.wish import ORDER, Wish
from intake.desk.walking import counted, walked
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
    last: str  # where this part ends


async def part_of(session: AsyncSession, wish: Wish, size: int = SIZE) -> Part:
    """The part of the board that a wish asks for."""
    narrow = _narrow(wish)
    branches = [and_(col(Question.state) == state, *narrow) for state in STATES]
    back = bool(wish.before and wish.place)
    found = await walked(session, Question, branches, ORDER, wish.place, size + 1, back=back)
    more, found = len(found) > size, (found[-size:] if back else found[:size])
    earlier, later = (more, True) if back else (wish.place is not None, more)
    query = select(Question).where(col(Question.id).in_([n for n, _ in found]))
    rows = {one.id: one for one in await session.exec(query)}
    return Part(
        [rows[n] for n, _ in found if n in rows], await counted(session, branches),
        wish.href(before=found[0][1].written()) if earlier and found else "",
        wish.href(after=found[-1][1].written()) if later and found else "", found[-1][1].written() if found else "",
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

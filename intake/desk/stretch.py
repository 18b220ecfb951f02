"""A stretch of a walked list of questions, as a page shows it: its rows, and where its neighbours are walked from."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.walking import Condition, Order, Place, walked
from schemas.subjects import Question


@dataclass(frozen=True)
class Stretch:
    """`before`: what comes before it lies before this place; None when nothing does. `after` likewise."""

    questions: Sequence[Question]
    length: int  # of its rows, those included that are gone by now
    before: Place | None
    after: Place | None


async def stretch_of(
    session: AsyncSession, branches: Sequence[Condition], order: Order, place: Place | None, size: int, *, back: bool
) -> Stretch:
    """At most so many questions after a place; before it with `back`."""
    found = await walked(session, Question, branches, order, place, size + 1, back=back)
    more, found = len(found) > size, (found[-size:] if back else found[:size])
    earlier, later = (more, True) if back else (place is not None, more)
    query = select(Question).where(col(Question.id).in_([one for one, _ in found]))
    rows = {one.id: one for one in await session.exec(query)}
    return Stretch(
        [rows[one] for one, _ in found if one in rows], len(found),
        found[0][1] if earlier and found else None, found[-1][1] if later and found else None,
    )  # fmt: skip

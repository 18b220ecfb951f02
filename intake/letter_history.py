"""What happened to letters, with the names of those who did something about them."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.letter_events import LetterEvent
from schemas.parties import Person


async def history(session: AsyncSession, letter_ids: list[int]) -> dict[int, list[tuple[LetterEvent, str]]]:
    """The lines of these letters, oldest first, each with the name of who did it."""
    query = select(LetterEvent, Person.name).join(Person, col(Person.id) == col(LetterEvent.actor_id), isouter=True)
    told: dict[int, list[tuple[LetterEvent, str]]] = {}
    query = query.where(col(LetterEvent.letter_id).in_(letter_ids))
    for event, name in await session.exec(query.order_by(col(LetterEvent.id))):
        told.setdefault(event.letter_id, []).append((event, name or ""))
    return told

"""Using up a mailed link: one use, whoever else clicks at the same moment."""

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.trouble import Elsewhere
from schemas.ledger import Letter
from schemas.links import letter_token
from schemas.moment import now


async def use_up(session: AsyncSession, letter_id: int) -> None:
    """Stamp the link as used, in the transaction of the step it was used for. The second is led on."""
    stamp = update(Letter).where(col(Letter.id) == letter_id, col(Letter.used_at).is_(None)).values(used_at=now())
    if not (await session.exec(stamp)).rowcount:
        raise Elsewhere(f"/l/{letter_token(letter_id)}")

"""Using up a mailed link: one use, whoever else clicks at the same moment."""

from contextlib import suppress

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.trouble import Elsewhere
from schemas.ledger import Letter, LetterState
from schemas.links import letter_token
from schemas.mail import TooLate, arrived
from schemas.moment import now


async def use_up(session: AsyncSession, letter_id: int) -> None:
    """Stamp the link as used, in the transaction of the step it was used for. The second is led on."""
    stamp = update(Letter).where(col(Letter.id) == letter_id, col(Letter.used_at).is_(None)).values(used_at=now())
    if not (await session.exec(stamp)).rowcount:
        raise Elsewhere(f"/l/{letter_token(letter_id)}")
    letter = await session.get_one(Letter, letter_id)
    await session.refresh(letter)
    if letter.state == LetterState.UNCERTAIN:  # only its recipient can have pressed the button: it is there
        with suppress(TooLate):  # when the flows have just taken it up again
            await arrived(session, letter, None)

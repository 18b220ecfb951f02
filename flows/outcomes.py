"""The two stamps around every letter: just before it is handed over, and once we know what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from notifications.letters import Rendered
from notifications.patience import back_off, gives_up
from notifications.postbox import Outcome
from schemas.ledger import Letter, LetterState
from schemas.moment import now

HANDING_OVER = timedelta(minutes=5)  # longer than any mail server may keep us waiting
GAVE_UP = "We stopped trying. "


async def hand_over(session: AsyncSession, letter: Letter, token: str, rendered: Rendered, at: datetime) -> bool:
    """From here on the letter may arrive. False when it is not ours any more: then it must not be posted.

    The same moment may be stamped again, as when the database did not say whether it had been written.
    """
    ours = (col(Letter.id) == letter.id, col(Letter.lease) == token, col(Letter.state) == LetterState.SENDING)
    return await _change(
        session, *ours, col(Letter.handed_at).is_(None) | (col(Letter.handed_at) == at),
        handed_at=at, lease_until=at + HANDING_OVER, subject=rendered.subject, text=rendered.text, html=rendered.html,
    )  # fmt: skip


async def settle(session: AsyncSession, letter: Letter, token: str, outcome: Outcome) -> bool:
    """Write down what became of a letter, even where others have called it uncertain meanwhile."""
    open_still = col(Letter.state).in_((LetterState.SENDING, LetterState.UNCERTAIN))
    values = _after(letter, outcome)
    return await _change(session, col(Letter.id) == letter.id, col(Letter.lease) == token, open_still, **values)


async def give_back(session: AsyncSession, letters: Sequence[Letter], token: str) -> None:
    """Owe letters again that were taken but never tried."""
    mine = (
        col(Letter.id).in_([one.id for one in letters]),
        col(Letter.lease) == token,
        col(Letter.handed_at).is_(None),
    )
    attempts = Letter.attempts - 1
    await _change(session, *mine, col(Letter.state) == LetterState.SENDING,
                  state=LetterState.OWED, lease=None, lease_until=None, attempts=attempts)  # fmt: skip


def state_after(letter: Letter, outcome: Outcome) -> str:
    """The state that an outcome leads to: owed again, until our patience has run out."""
    if outcome.state == "owed" and gives_up(letter.attempts, now() - letter.owed_at):
        return LetterState.REFUSED
    return outcome.state


def _after(letter: Letter, outcome: Outcome) -> dict[str, Any]:
    state, at = state_after(letter, outcome), now()
    reply = (GAVE_UP if state != outcome.state else "") + outcome.reply
    values: dict[str, Any] = {"state": state, "reply": reply, "lease": None, "lease_until": None}
    if state == LetterState.SENT:
        values["sent_at"] = at
    if state == LetterState.OWED:
        values |= {"due_at": at + back_off(letter.attempts), "handed_at": None}
    return values


async def _change(session: AsyncSession, *where: Any, **values: Any) -> bool:
    done = await session.exec(
        update(Letter).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)

"""The two stamps around every letter: just before it is handed over, and once we know what became of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.claims import doubt
from notifications.letters import Rendered
from notifications.patience import back_off, gives_up
from notifications.postbox import Outcome
from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent, happened
from schemas.moment import now
from schemas.needless import needless

HANDING_OVER = timedelta(minutes=5)  # longer than any mail server may keep us waiting
GAVE_UP = "We stopped trying. "


# Put together once, and run without the layer of objects: this is the work between any two letters.
LETTER, EVENT = Letter.__table__, LetterEvent.__table__  # type: ignore[attr-defined]
WRITTEN = ("handed_at", "lease_until", "subject", "text", "html")
SETTLED = ("state", "reply", "lease", "lease_until", "may_retry", "sent_at", "due_at")
OURS = (LETTER.c.id == bindparam("its_id"), LETTER.c.lease == bindparam("token"))
HAND_OVER = (
    LETTER.update()
    .where(*OURS, LETTER.c.state == LetterState.SENDING)
    .where(LETTER.c.handed_at.is_(None) | (LETTER.c.handed_at == bindparam("at", type_=LETTER.c.handed_at.type)))
    .values({name: bindparam(f"new_{name}") for name in WRITTEN})
)
SETTLE = (
    LETTER.update()
    .where(*OURS, LETTER.c.state.in_((LetterState.SENDING, LetterState.UNCERTAIN)))
    .values({name: bindparam(f"new_{name}") for name in SETTLED})
)
OWE_AGAIN = SETTLE.values(handed_at=None)
HAPPENED = EVENT.insert()


async def hand_over(session: AsyncSession, letter: Letter, token: str, rendered: Rendered, at: datetime) -> bool:
    """From here on the letter may arrive. False when it is not ours any more: then it must not be posted.

    The same moment may be stamped again, as when the database did not say whether it had been written.
    """
    values = (at, at + HANDING_OVER, rendered.subject, rendered.text, rendered.html)
    new = {f"new_{name}": value for name, value in zip(WRITTEN, values, strict=True)}
    connection = await session.connection()
    done = await connection.execute(HAND_OVER, {"its_id": letter.id, "token": token, "at": at} | new)
    return bool(done.rowcount)


async def hold_back(session: AsyncSession, letter: Letter, token: str) -> bool:
    """The last look before a letter leaves: a reminder of what has been done meanwhile is withheld, and says so.

    One that was uncertain stays so, and is not tried again: it may have arrived the first time.
    """
    if not await needless(session, letter):
        return False
    ours = (col(Letter.id) == letter.id, col(Letter.lease) == token, col(Letter.state) == LetterState.SENDING,
            col(Letter.handed_at).is_(None))  # fmt: skip
    state = LetterState.UNCERTAIN if letter.retried_at else LetterState.WITHHELD
    if await _change(session, *ours, state=state, lease=None, lease_until=None, tried_at=None):
        session.add(happened(letter, "needless", state=state))
    return True


async def settle(session: AsyncSession, letter: Letter, token: str, outcome: Outcome) -> bool:
    """Write down what became of a letter, even where others have called it uncertain meanwhile."""
    values = _after(letter, outcome)
    connection = await session.connection()
    new = {f"new_{name}": values[name] for name in SETTLED}
    statement = OWE_AGAIN if values["state"] == LetterState.OWED else SETTLE
    ours = bool((await connection.execute(statement, {"its_id": letter.id, "token": token} | new)).rowcount)
    if ours:
        line = happened(letter, "tried", state=values["state"], reply=values["reply"])
        await connection.execute(HAPPENED, line.model_dump(exclude={"id"}))
    return ours


async def give_back(session: AsyncSession, letters: Sequence[Letter], token: str) -> None:
    """Owe letters again that were taken but never tried."""
    mine = (
        col(Letter.id).in_([one.id for one in letters]),
        col(Letter.lease) == token,
        col(Letter.handed_at).is_(None),
    )
    attempts = Letter.attempts - 1
    await _change(session, *mine, col(Letter.state) == LetterState.SENDING,
                  state=LetterState.OWED, lease=None, lease_until=None, attempts=attempts, tried_at=None)  # fmt: skip


def state_after(letter: Letter, outcome: Outcome) -> str:
    """The state that an outcome leads to: owed again, until our patience has run out."""
    if outcome.state == "owed" and gives_up(letter.attempts, now() - letter.owed_at):
        return LetterState.REFUSED
    return outcome.state


def _after(letter: Letter, outcome: Outcome) -> dict[str, Any]:
    state, at = state_after(letter, outcome), now()
    values: dict[str, Any] = {
        "state": state, "reply": (GAVE_UP if state != outcome.state else "") + outcome.reply,
        "lease": None, "lease_until": None, "may_retry": False,
        "sent_at": at if state == LetterState.SENT else None, "due_at": letter.due_at,
    }  # fmt: skip
    if state == LetterState.OWED:
        values["due_at"] = at + back_off(letter.attempts)
    return values | doubt(letter) if state == LetterState.UNCERTAIN else values


async def _change(session: AsyncSession, *where: Any, **values: Any) -> bool:
    done = await session.exec(
        update(Letter).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)

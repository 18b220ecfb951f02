"""The two stamps around every letter: just before it is handed over, and once we know what became of it."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.claims import doubt
from flows.in_hand import Posted, Ready
from notifications.patience import back_off, gives_up
from notifications.postbox import Outcome
from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent, happened
from schemas.moment import now
from schemas.needless import needless

HANDING_OVER = timedelta(minutes=5)  # longer than any mail server may keep us waiting
GAVE_UP = "We stopped trying. "


# Put together once, run without the layer of objects, and for many letters at a time: this is the work between any two.
LETTER, EVENT = Letter.__table__, LetterEvent.__table__  # type: ignore[attr-defined]
WRITTEN = ("handed_at", "lease_until", "subject", "text", "html")
SETTLED = ("state", "reply", "lease", "lease_until", "may_retry", "sent_at", "due_at", "handed_at")
OURS = (
    select(LETTER.c.id, LETTER.c.state, LETTER.c.handed_at)
    .where(LETTER.c.id.in_(bindparam("ids", expanding=True)), LETTER.c.lease == bindparam("token"))
    .order_by(LETTER.c.id)
    .with_for_update()  # nobody takes them from us between this look and the change; on SQLite we write alone anyway
)
ONE = LETTER.update().where(LETTER.c.id == bindparam("its_id"))
HAND_OVER = ONE.values({name: bindparam(f"new_{name}") for name in WRITTEN})
SETTLE = ONE.values({name: bindparam(f"new_{name}") for name in SETTLED})
HAPPENED = EVENT.insert()


class Held(NamedTuple):
    """What the database says of a letter that is still ours."""

    state: str
    handed_at: datetime | None


async def held(session: AsyncSession, ids: Collection[int], token: str) -> dict[int, Held]:
    """Those of these letters that are still ours, and stay so until this transaction ends."""
    connection = await session.connection()
    rows = await connection.execute(OURS, {"ids": list(ids), "token": token})
    return {one.id: Held(one.state, one.handed_at) for one in rows}


async def hand_over(
    session: AsyncSession, following: Iterable[tuple[Ready, datetime]], ours: dict[int, Held]
) -> set[int]:
    """From here on these letters may arrive. Which; the others are not ours any more, and must not be posted.

    The same moment may be stamped again, as when the database did not say whether it had been written.
    """
    changes = {}
    for (letter, rendered, _), at in following:
        if (is_ := ours.get(letter.id)) and is_.state == LetterState.SENDING and is_.handed_at in (None, at):
            values = (at, at + HANDING_OVER, rendered.subject, rendered.text, rendered.html)
            changes[letter.id] = _changed(letter.id, zip(WRITTEN, values, strict=True))
    if changes:
        await (await session.connection()).execute(HAND_OVER, list(changes.values()))
    return set(changes)


def _changed(letter_id: int, values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {"its_id": letter_id} | {f"new_{name}": value for name, value in values}


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


async def settle(session: AsyncSession, posted: Iterable[Posted], ours: dict[int, Held]) -> set[int]:
    """Write down what became of letters, even where others have called one uncertain meanwhile. Which are written."""
    changes, lines = {}, []
    for letter, outcome in posted:
        is_ = ours.get(letter.id)
        if is_ is None or is_.state not in (LetterState.SENDING, LetterState.UNCERTAIN):
            continue
        values = _after(letter, outcome)
        values["handed_at"] = None if values["state"] == LetterState.OWED else is_.handed_at
        changes[letter.id] = _changed(letter.id, ((name, values[name]) for name in SETTLED))
        line = happened(letter, "tried", state=values["state"], reply=values["reply"])
        lines.append(line.model_dump(exclude={"id"}))
    if changes:
        connection = await session.connection()
        await connection.execute(SETTLE, list(changes.values()))
        await connection.execute(HAPPENED, lines)
    return set(changes)


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

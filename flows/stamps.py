"""The stamps around letters, written together: while one transaction is under way, the next gathers."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.in_hand import Stamp
from flows.outcomes import give_back, hand_over, held, hold_back, settle, state_after
from flows.work import Work
from schemas.database import writing
from schemas.moment import now

WAITS = (0.2, 1.0, 4.0)  # seconds between tries to write a stamp that must not be lost
log = logging.getLogger(__name__)
Waiting = tuple[Stamp, datetime, "asyncio.Future[bool]"]


class Stamps:
    """Writes stamps durably, those of several connections in one transaction: `async with Stamps(work) as stamps`."""

    def __init__(self, work: Work) -> None:
        self._work, self._turn = work, asyncio.Lock()
        self._waiting: list[Waiting] = []
        self._connection: AsyncConnection | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._disconnect()

    async def write(self, stamp: Stamp) -> bool:
        """True when the following letter is ours to hand over; False when there is none, or it is not ours."""
        if not any(stamp):
            return False
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((stamp, now(), written))
        async with self._turn:
            if not written.done():
                batch, self._waiting = self._waiting, []
                await self._write(batch)
        return await written

    async def _write(self, batch: Sequence[Waiting]) -> None:
        try:
            mine = await self._durably(batch)
        except Exception as fault:
            for _, _, written in batch:
                written.set_exception(fault)
            return
        except asyncio.CancelledError:
            for _, _, written in batch:
                written.cancel()
            raise
        for (stamp, _, written), one in zip(batch, mine, strict=True):
            written.set_result(one)
            self._tell(stamp)

    async def _durably(self, batch: Sequence[Waiting]) -> list[bool]:
        # A database that is away for a moment must not make a letter uncertain that we know all about.
        for wait in WAITS:
            try:
                return await self._once(batch)
            except (DBAPIError, OSError):
                await self._disconnect()
                await asyncio.sleep(wait)
        return await self._once(batch)

    async def _once(self, batch: Sequence[Waiting]) -> list[bool]:
        posted = [one for stamp, _, _ in batch for one in stamp.posted]
        following = [(stamp.following, at) for stamp, at, _ in batch if stamp.following]
        async with writing(await self._connected()) as session:
            for unsent in [stamp.unsent for stamp, _, _ in batch if stamp.unsent]:
                await give_back(session, unsent, self._work.token)
            ids = [one.letter.id for one in posted] + [one.letter.id for one, _ in following]
            ours = await held(session, ids, self._work.token) if ids else {}
            await settle(session, posted, ours)
            go = [one for one in following if not await hold_back(session, one[0].letter, self._work.token)]
            mine = await hand_over(session, go, ours)
        return [stamp.following is not None and stamp.following.letter.id in mine for stamp, _, _ in batch]

    async def _connected(self) -> AsyncConnection:
        # One connection for all stamps of a batch: taking one from the pool asks the server first whether it is there.
        if self._connection is None:
            self._connection = await self._work.engine.connect()
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    def _tell(self, stamp: Stamp) -> None:
        for letter, outcome in stamp.posted:
            state = state_after(letter, outcome)
            log.info("letter %s", state, extra={"ref": letter.facts.get("ref"), "letter": letter.name, "state": state})
            self._work.count(state)
            self._work.hands.mail = outcome.state in ("sent", "refused"), outcome.reply

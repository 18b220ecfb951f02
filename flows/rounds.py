"""The runner's rounds: look for work, start the flow that does it (one run of each at a time), say how things are."""

import asyncio
import logging
import os
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from sqlalchemy.exc import SQLAlchemyError

from flows import gate
from flows.after_step import after_step
from flows.arrivals import Arrivals
from flows.claims import free_dead
from flows.committee_pack import committee_pack
from flows.deadlines import deadlines
from flows.deliver import deliver
from flows.digest import digest
from flows.hand_in import hand_in
from flows.prospects import prospects
from flows.receive import receive
from flows.signs import Signs
from flows.waiting import look, onlooker
from flows.work import Hands
from notifications.reach import trouble_with
from schemas.database import writing
from schemas.settings import settings

ALL = (after_step, deliver, deadlines, committee_pack, prospects, hand_in, digest, receive)
FLOWS: dict[str, Flow[[], Any]] = {one.name: one for one in ALL}
EVERY = 10.0  # seconds between looks at what is not work
ASK_AGAIN = 1.0  # seconds before a Prefect that did not answer is asked again
REST, LONGEST_REST = 0.5, 30.0  # seconds before a flow that could do nothing is started again
# Seconds between two runs of what nobody waits for: a run has a price, whatever it does.
PATIENT = {"prospects": 5.0, "hand_in": 60.0, "digest": 60.0, "committee_pack": 10.0}
GRACE = 5.0  # seconds to finish what is in hand
log = logging.getLogger(__name__)


class Rounds:
    """Goes round until `hands.leaving` is set. Nothing that fails ends it."""

    def __init__(self, hands: Hands, client: PrefectClient, pause: float) -> None:
        self._hands, self._client, self._pause = hands, client, pause
        self._signs, self._reader = Signs(hands.engine), onlooker(hands.engine)
        self._going: dict[str, asyncio.Task[None]] = {}
        self._open_runs: set[UUID] = set()
        self._rest: dict[str, tuple[float, float]] = {}  # flow → how long, until when
        self._failing: dict[str, str] = {}
        self._prefect_well, self._asked = False, -EVERY
        self._looked = -EVERY
        self.wake = asyncio.Event()
        self._arrivals = Arrivals(self.wake.set)

    async def go(self) -> None:
        """Round after round; after a run ends the next comes at once."""
        failed = 0
        while not self._hands.leaving.is_set():
            self.wake.clear()
            try:
                await self._round()
                failed = 0
            except (SQLAlchemyError, OSError, LookupError) as error:
                failed += 1
                log.warning("the database cannot be used: %s", type(error).__name__)
            await self._wait(min(self._pause * 2**failed, 5.0) if failed else self._pause)
        await self._leave()

    def leave(self) -> None:
        """Finish what is in hand and stop."""
        self._hands.leaving.set()
        self.wake.set()

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), seconds)

    async def _round(self) -> None:
        if time.monotonic() - self._looked >= (EVERY if self._well else ASK_AGAIN):
            await self._look_around()
        waiting = (await look(self._reader))._asdict() | {"receive": self._arrivals.any()}
        for name, there_is in waiting.items():
            if there_is and name not in self._going and self._rested(name) and await self._prefect_answers():
                self._going[name] = asyncio.create_task(self._run(name))
        if self._hands.mail:
            self._signs.say("mail", *self._hands.mail)
        if self._arrivals.expected:
            self._signs.say("inbox", not self._arrivals.trouble, self._arrivals.trouble)
        await self._signs.write()

    async def _look_around(self) -> None:
        self._looked = time.monotonic()
        async with writing(self._hands.engine) as session:
            if dead := await free_dead(session):
                log.warning("took over what %s dead runs had in hand", dead)
        self._signs.say("flows", not self._failing, "; ".join(self._failing.values()))
        await self._prefect_answers()
        if not (self._hands.mail and self._hands.mail[0]):  # no letter has told us yet, or the last one failed
            fault = await trouble_with(settings().smtp_url.get_secret_value(), 5.0)
            self._hands.mail = fault is None, fault or ""

    @property
    def _well(self) -> bool:
        return self._prefect_well and self._hands.mail is not None and self._hands.mail[0]

    async def _prefect_answers(self) -> bool:
        if not self._prefect_well and time.monotonic() - self._asked < ASK_AGAIN:
            return False
        fault = await gate.trouble(self._client)
        if fault is None and not self._prefect_well:
            fault = await self._welcome_back()
        self._asked, self._prefect_well = time.monotonic(), fault is None
        self._signs.say("prefect", self._prefect_well, fault or "")
        return self._prefect_well

    async def _welcome_back(self) -> str | None:
        try:
            await gate.close_orphans(self._client, list(FLOWS), self._open_runs)
        except Exception as error:
            return type(error).__name__
        self._rest.clear()
        return None

    async def _run(self, name: str) -> None:
        try:
            done = await gate.run(self._client, FLOWS[name], self._open_runs)
            self._failing.pop(name, None)
        except Exception as error:
            log.exception("a run of %s failed", name)
            self._failing[name], done = f"{name}: {type(error).__name__}", 0
        self._signs.say("flows", not self._failing, "; ".join(self._failing.values()))
        if not done:
            self._tire(name)
        elif name in PATIENT:
            self._rest[name] = 0.0, time.monotonic() + PATIENT[name]
        else:
            self._rest.pop(name, None)
        del self._going[name]
        if name == receive.name:
            self._arrivals.taken()
        self.wake.set()

    def _rested(self, name: str) -> bool:
        return time.monotonic() >= self._rest.get(name, (0.0, 0.0))[1]

    def _tire(self, name: str) -> None:
        rest = min(max(self._rest.get(name, (0.0, 0.0))[0] * 2, REST), LONGEST_REST)
        self._rest[name] = rest, time.monotonic() + rest

    async def _leave(self) -> None:
        self._signs.say("flows", False, "stopped")
        with suppress(SQLAlchemyError, OSError):
            await self._signs.write()
        if not self._going:
            return
        _, unfinished = await asyncio.wait(self._going.values(), timeout=GRACE)
        for task in unfinished:
            task.cancel()
        if unfinished and (await asyncio.wait(unfinished, timeout=1))[1]:
            # Prefect shields its last words from being cancelled, and may wait long for a server that does not answer.
            log.warning("left %s runs unfinished: what they had in hand will be taken up by others", len(unfinished))
            os._exit(0)

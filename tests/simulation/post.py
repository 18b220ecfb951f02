"""A mail server without a network, at the place of aiosmtplib: what it does wrong is decided by dice.

Everything of ours is the real thing, the postbox with its rules included; only the line to the server is not.
"""

import asyncio
import re
from collections import Counter
from random import Random
from types import SimpleNamespace
from typing import Any

from aiosmtplib import (
    SMTPConnectError,
    SMTPReadTimeoutError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from tests.simulation.processes import HERE

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)
FAULTS = ("later", "never", "reset", "silence")


class Server:
    """`taken`: how often each letter arrived. `open_at_fault`: letters given to it that were not answered."""

    def __init__(self, dice: Random, risk: float) -> None:
        self._dice, self.risk = dice, risk
        self.away = False
        self.taken: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.open_at_fault = set[str]()

    def fault(self, phase: str) -> str:
        """What goes wrong at this phase: mostly nothing."""
        if self.away:
            return "reset"
        if self._dice.random() >= self.risk:
            return ""
        kind = self._dice.choice(FAULTS)
        if kind == "never" and (phase != "rcpt" or self._dice.random() < 0.9):
            kind = "later"
        self.faults[f"{kind} at {phase}"] += 1
        return kind


class SMTP:
    """As much of aiosmtplib's client as the postbox uses."""

    server: Server  # of the simulation that is going on

    def __init__(self, **_: Any) -> None:
        self.is_connected = False
        self.is_ehlo_or_helo_needed = True
        self.protocol = SimpleNamespace(write=self._write, read_response=self._read)
        self._text = b""

    async def connect(self) -> None:
        await self._phase("connect")
        self.is_connected = True

    async def ehlo(self) -> None:
        await self._phase("ehlo")

    helo = ehlo

    async def mail(self, _: str) -> None:
        await self._phase("mail")

    async def rcpt(self, _: str) -> None:
        await self._phase("rcpt")

    async def rset(self) -> None:
        await self._phase("rset")

    async def quit(self, **_: Any) -> None:
        await self._phase("quit")
        self.close()

    async def execute_command(self, *_: bytes) -> Any:
        await self._phase("data")
        return SimpleNamespace(code=354, message="go on")

    def close(self) -> None:
        self.is_connected = False

    async def _phase(self, phase: str) -> None:
        self._cross()
        await asyncio.sleep(0.004)
        kind = self.server.fault(phase)
        self._cross()
        if kind == "later":
            raise SMTPResponseException(451, "not now")
        if kind == "never":
            raise SMTPRecipientRefused(550, "nobody here", "")
        if kind == "silence":
            await asyncio.sleep(20)
            raise SMTPReadTimeoutError("no answer")
        if kind == "reset":
            self.close()
            raise SMTPConnectError("refused") if phase == "connect" else SMTPServerDisconnected("reset")

    def _write(self, text: bytes) -> None:
        self._cross()
        self._text = text

    async def _read(self, **_: Any) -> Any:
        """The final reply. The server may have kept the letter, whatever becomes of its answer."""
        kind = self.server.fault("final")
        keeps = kind == "" or (kind in ("reset", "silence") and self.server.fault("kept") == "")
        found = MESSAGE_ID.search(self._text)
        assert found
        message_id = found[1].decode()
        self.server.taken[message_id] += keeps
        try:
            await asyncio.sleep(120 if kind == "silence" else 0.02)
            self._cross()
        except BaseException:  # we died in the meantime
            self.server.open_at_fault.add(message_id)
            raise
        if kind == "later":
            return SimpleNamespace(code=451, message="not now")
        if kind in ("reset", "silence"):
            self.close()
            self.server.open_at_fault.add(message_id)
            raise SMTPServerDisconnected("reset")
        return SimpleNamespace(code=250, message="kept")

    def _cross(self) -> None:
        if here := HERE.get():
            here.cross()

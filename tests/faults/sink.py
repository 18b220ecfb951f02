"""A mail server that keeps only which letters it took, breaks all its connections when told to, and remembers which
letters were in hand on each connection that did not end with QUIT."""

import asyncio
import os
import re
import socket
import threading
from collections import Counter
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.flows.place import free_port
from tests.notifications.mailserver import hang_up

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)
RECIPIENT = re.compile(r"<([^>]*)>")


class _Line(SMTP):
    """One connection: who the letter on it is for, what has come of its text, and whether a reply is awaited."""

    sink: "Sink"
    recipient, heard, awaited, ended = "", b"", False, False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.sink.lines.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.end()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.awaited:
            self.heard += data
        super().data_received(data)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        # Another letter: what became of the last one stands in the database, or it would not have been begun.
        self.recipient, self.heard = "", b""
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        found = RECIPIENT.search(arg)
        self.recipient = found[1] if found else arg
        await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        self.awaited = True
        await super().smtp_DATA(arg)
        self.awaited = False

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        self.recipient, self.heard = "", b""
        await super().smtp_QUIT(arg)

    def end(self) -> None:
        """The line breaks here: note what was in hand on it."""
        self.sink.lines.discard(self)
        if self.ended or not self.recipient:
            return
        self.ended = True
        self.sink.broken(self.recipient, self.heard + self._unread(), open_=self.awaited)

    def _unread(self) -> bytes:
        """What has arrived and was not read yet."""
        if not self.awaited or self.transport is None:
            return b""
        with suppress(OSError), socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno())) as line:
            return line.recv(1_000_000, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        return b""


class Sink:
    """In a thread of its own. What was in hand on the lines that broke: `texts` by Message-ID, else `recipients`."""

    def __init__(self, delay: float = 0.01) -> None:
        self.delay, self.port = delay, free_port()
        self.taken: Counter[str] = Counter()
        self.lines: set[_Line] = set()
        self.texts, self.recipients = set[str](), Counter[str]()
        self.cuts, self.open_when_broken, self.answered_when_broken = 0, 0, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._listening.close()
        self._loop.close()

    def cut(self) -> None:
        """A reset on every connection, wherever it is."""
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(20)

    def broken(self, recipient: str, text: bytes, *, open_: bool) -> None:
        """A line broke with this letter in hand. `open_`: its text was awaited, or not answered yet."""
        self.open_when_broken += open_
        self.answered_when_broken += not open_ and bool(text)
        if found := MESSAGE_ID.search(text):
            self.texts.add(found[1].decode())
        elif open_:
            self.recipients[recipient] += 1

    async def _cut(self) -> None:
        self.cuts += 1
        for one in list(self.lines):
            one.end()
            hang_up(one.transport, rudely=True)

    async def _listen(self) -> None:
        self._listening = await self._loop.create_server(self._line, "127.0.0.1", self.port, backlog=200)

    def _line(self) -> _Line:
        line = _Line(self, loop=self._loop)
        line.sink = self
        return line

    async def handle_DATA(self, server: _Line, _: Session, envelope: Envelope) -> str:  # noqa: N802
        found = MESSAGE_ID.search(envelope.original_content or b"")
        self.taken[found[1].decode() if found else "none"] += 1
        await asyncio.sleep(self.delay)
        return "250 2.0.0 kept"

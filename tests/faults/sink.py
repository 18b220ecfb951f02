"""A mail server that keeps only which letters it took, and breaks all its connections when told to."""

import asyncio
import re
import threading
from collections import Counter
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.flows.place import free_port
from tests.notifications.mailserver import hang_up

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.MULTILINE | re.IGNORECASE)


class _Line(SMTP):
    """One connection; it knows whether a letter is under way on it."""

    sink: "Sink"
    under_way = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.sink.lines.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.sink.lines.discard(self)
        super().connection_lost(error)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        self.under_way = True
        await super().smtp_MAIL(arg)


class Sink:
    """In a thread of its own. `open_at_cuts`: transactions that were under way when connections were cut."""

    def __init__(self, delay: float = 0.01) -> None:
        self.delay, self.port = delay, free_port()
        self.taken: Counter[str] = Counter()
        self.lines: set[_Line] = set()
        self.cuts, self.open_at_cuts = 0, 0
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

    def under_way(self) -> int:
        """Transactions that are open now."""
        return sum(one.under_way for one in list(self.lines))

    async def _cut(self) -> None:
        self.cuts, self.open_at_cuts = self.cuts + 1, self.open_at_cuts + self.under_way()
        for one in list(self.lines):
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
        server.under_way = False
        return "250 2.0.0 kept"

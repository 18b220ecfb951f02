"""Whether anything lies in the box, asked in the background: a mail server that is away keeps no letter waiting."""

import asyncio
import logging
import time
from collections.abc import Callable

from notifications.inbox import Inbox
from notifications.inboxes import inbox_of
from schemas.settings import settings

log = logging.getLogger(__name__)
NEAR = 1.0  # seconds between two looks into a maildir, which cost next to nothing


class Arrivals:
    """`any` says what the last look found, and sees to it that there will be a next."""

    def __init__(self, wake: Callable[[], None]) -> None:
        where = settings().inbox.get_secret_value()
        self.expected, self.trouble = bool(where), ""
        self._box: Inbox | None = None
        try:
            self._box = inbox_of(where) if where else None
        except ValueError as fault:
            self._cannot(fault)
        self._every = settings().inbox_seconds if "://" in where else NEAR
        self._wake, self._there, self._asked = wake, False, -self._every
        self._look: asyncio.Task[None] | None = None

    def any(self) -> bool:
        """Whether there was something when we last looked."""
        resting = time.monotonic() - self._asked < self._every
        if self._box and not resting and (self._look is None or self._look.done()):
            self._asked = time.monotonic()
            self._look = asyncio.create_task(self._ask(self._box))
        return self._there

    def taken(self) -> None:
        """A run has been there: look again."""
        self._there, self._asked = False, -self._every

    async def _ask(self, box: Inbox) -> None:
        try:
            self._there, self.trouble = await asyncio.to_thread(box.waiting), ""
        except Exception as fault:
            self._there = False
            self._cannot(fault)
        if self._there:
            self._wake()

    def _cannot(self, fault: Exception) -> None:
        # Everybody reads this at /health/ready: it names no host, user or path. The log does, once.
        said = f"The box cannot be read ({type(fault).__name__}). Run: stadsvraag check"
        if said != self.trouble:
            log.warning("the box cannot be read: %s", fault)
        self.trouble = said

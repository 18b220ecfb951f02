"""Signs of life for `/health/ready`: written when something changes, and every few seconds to show that we live."""

import time

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.access import Sign
from schemas.database import writing
from schemas.moment import now

EVERY = 5.0  # seconds


class Signs:
    """What is well and what is not, by name: flows, prefect, mail."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._said: dict[str, tuple[bool, str]] = {}
        self._changed, self._written = False, 0.0

    def say(self, name: str, ok: bool, note: str = "") -> None:
        """Remember how a part is doing; `write` puts it down."""
        self._changed |= self._said.get(name) != (ok, note)
        self._said[name] = ok, note

    async def write(self) -> None:
        """Put it down, when there is news or the last time is a while ago."""
        if not self._changed and time.monotonic() - self._written < EVERY:
            return
        async with writing(self._engine) as session:
            for name, (ok, note) in self._said.items():
                sign = await session.get(Sign, name) or Sign(name=name, ok=not ok)
                sign.since = sign.since if sign.ok == ok else now()
                sign.ok, sign.note, sign.at = ok, note, now()
                session.add(sign)
        self._changed, self._written = False, time.monotonic()

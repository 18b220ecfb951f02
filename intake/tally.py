"""How many questions there are, for the front page: counted again when that is cheap, else meanwhile."""

import asyncio
import time
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.database import reading
from schemas.subjects import Question, Trajectory

CHEAP = 0.02  # seconds that a visitor may wait for exact figures
SHARE = 0.02  # of a process's time that counting may take


class Counts(NamedTuple):
    """What the front page tells."""

    asked: int
    running: int
    results: int


class Tally:
    """One for each process. Where counting is dear, the figures are some seconds old and nobody waits for them."""

    def __init__(self) -> None:
        self._counts: Counts | None = None
        self._took, self._at = 0.0, 0.0
        self._again: asyncio.Task[Counts] | None = None

    async def read(self, engine: AsyncEngine) -> Counts:
        """The figures. Raises what the database raises the first time."""
        if self._counts is None or self._took < CHEAP:
            return await self._count(engine)
        if time.monotonic() - self._at > self._took / SHARE and (self._again is None or self._again.done()):
            self._again = asyncio.create_task(self._count(engine))
            self._again.add_done_callback(_quietly)
        return self._counts

    async def _count(self, engine: AsyncEngine) -> Counts:
        begun = time.monotonic()
        submitted = col(Question.state).not_in(("draft", "discarded"))
        queries = (
            select(func.count(col(Question.id))).where(submitted),
            select(func.count(col(Question.id))).where(Question.state == "underway"),
            select(func.count(col(Trajectory.id))).where(col(Trajectory.published_on).is_not(None)),
        )
        async with reading(engine) as session:
            self._counts = Counts(*[(await session.exec(query)).one() for query in queries])
        self._at = time.monotonic()
        self._took = self._at - begun
        return self._counts


def _quietly(task: "asyncio.Task[Counts]") -> None:
    # A database that is away is told by the pages that cannot do without it.
    if not task.cancelled():
        task.exception()

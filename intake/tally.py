"""What is counted in the database: counted again when that is cheap, else meanwhile, so that nobody waits for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import reading
from schemas.subjects import Question, Trajectory

CHEAP = 0.02  # seconds that somebody may wait for exact figures
SHARE = 0.02  # of a process's time that counting may take
T = TypeVar("T")


class Kept(Generic[T]):
    """One for each process. Where counting is dear, the figures are some seconds old and nobody waits for them."""

    def __init__(self, counted: Callable[[AsyncSession], Awaitable[T]], fresh: float = 0.0, times: float = 1.0) -> None:
        self._counted, self._fresh = counted, fresh  # for how many seconds figures are used again in any case
        self._times = times  # so much longer than usual somebody may wait for exact ones
        self._found: T | None = None
        self._took, self._at = 0.0, 0.0
        self._again: asyncio.Task[T] | None = None

    async def read(self, engine: AsyncEngine) -> T:
        """The figures. Raises what the database raises when they are counted now."""
        age, cheap = time.monotonic() - self._at, self._took < CHEAP * self._times
        if self._found is None or (cheap and age >= self._fresh):
            return await self._count(engine)
        dear = not cheap and age > max(self._fresh, self._took / SHARE)
        if dear and (self._again is None or self._again.done()):
            self._again = asyncio.create_task(self._count(engine))
            self._again.add_done_callback(self._ended)
        return self._found

    async def _count(self, engine: AsyncEngine) -> T:
        begun = time.monotonic()
        async with reading(engine) as session:
            found = self._found = await self._counted(session)
        self._at = time.monotonic()
        self._took = self._at - begun
        return found

    def _ended(self, task: "asyncio.Task[T]") -> None:
        # Whoever asks next counts for themselves, and is told of a database that is away.
        if not task.cancelled() and task.exception() is not None:
            self._found = None


class Counts(NamedTuple):
    """What the front page tells."""

    asked: int
    running: int
    results: int


async def _counts(session: AsyncSession) -> Counts:
    submitted = col(Question.state).not_in(("draft", "discarded"))
    queries = (
        select(func.count()).select_from(Question).where(submitted),
        select(func.count()).select_from(Question).where(Question.state == "underway"),
        select(func.count()).select_from(Trajectory).where(col(Trajectory.published_on).is_not(None)),
    )
    return Counts(*[(await session.exec(query)).one() for query in queries])


class Tally(Kept[Counts]):
    """The figures of the front page."""

    def __init__(self) -> None:
        super().__init__(_counts)

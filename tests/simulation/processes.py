"""Processes that can die: whatever a dead one still tries to do has no effect, as after a kill -9."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from random import Random
from typing import Any

import aiosqlite

PATIENCE = 15.0  # seconds that SQLite waits for a lock, as `busy_timeout` of schemas/database.py says
NEXT_TRY = 0.002


class Died(BaseException):
    """Nobody catches this: the process is gone."""


class Process:
    """One life of it; who starts it again makes another. `risk`: how likely it dies at any one boundary."""

    def __init__(self, name: str, dice: Random, risk: float = 0.0) -> None:
        self.name, self.alive = name, True
        self._dice, self.risk = dice, risk
        self.tasks: set[asyncio.Task[Any]] = set()
        self.holds: set[Line] = set()

    def cross(self) -> None:
        """A boundary: it may die here. Raises Died, also when it was dead."""
        if self.alive and self.risk and self._dice.random() < self.risk:
            self.die()
        if not self.alive:
            raise Died

    def die(self) -> None:
        """Its transactions end with it, and nothing of it goes on."""
        self.alive = False
        for line in self.holds:
            if line.holder is self and line._connection is not None and line._connection.in_transaction:
                line._connection.rollback()
        for task in self.tasks - {asyncio.current_task()}:
            task.cancel()

    async def run(self, what: Coroutine[Any, Any, Any]) -> Any:
        """What came of it. Raises Died."""

        async def inside() -> Any:
            HERE.set(self)
            return await what

        task = asyncio.create_task(inside())
        try:
            return await task
        except asyncio.CancelledError:
            if self.alive:
                raise
            raise Died from None


HERE: ContextVar[Process | None] = ContextVar("here", default=None)


def keep_count(loop: asyncio.AbstractEventLoop, what: Coroutine[Any, Any, Any], **more: Any) -> "asyncio.Task[Any]":
    """The loop's task factory: a process knows its tasks."""
    task = asyncio.Task(what, loop=loop, **more)
    if here := HERE.get():
        here.tasks.add(task)
        task.add_done_callback(here.tasks.discard)
    return task


class _AtOnce:
    """In the place of the queue to a thread."""

    def put_nowait(self, job: tuple["asyncio.Future[Any] | None", Callable[[], Any]]) -> None:
        future, call = job
        done = call()
        if future:
            future.set_result(done)


class Line(aiosqlite.Connection):
    """A connection without a thread: SQLite itself, at once. Between any two statements others may have their turn."""

    dice: Random = Random(0)  # each simulation throws its own

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.holder: Process | None = None
        self._tx = _AtOnce()  # type: ignore[assignment]

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._connection is None:
            raise ValueError("Connection closed")
        self.holder = here = HERE.get()
        if here:
            here.holds.add(self)
        commits = getattr(fn, "__name__", "") == "commit"
        if commits:
            boundary(here)
        if self.dice.random() < 0.05:
            await asyncio.sleep(0)
        done = await self._patiently(here, fn, *args, **kwargs)
        if commits:
            boundary(here)
        return done

    async def _patiently(self, here: Process | None, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while True:
            if here and not here.alive:
                raise Died
            try:
                return fn(*args, **kwargs)
            except sqlite3.OperationalError as fault:
                if "locked" not in str(fault) or loop.time() > end:
                    raise
            await asyncio.sleep(NEXT_TRY)

    async def _connect(self) -> "Line":
        if self._connection is None:
            self._connection = self._connector()
        return self

    def __await__(self) -> Any:
        return self._connect().__await__()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:  # type: ignore[override]
        if self.holder:
            self.holder.holds.discard(self)
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def boundary(here: Process | None) -> None:
    """A place where a process may die."""
    if here:
        here.cross()

"""A clock that only the simulation moves, and an event loop that lives by it: what waits for a month waits no time."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import time_machine

MOMENT = 0.00005  # seconds that each turn of the loop takes, so that no two things happen at the same time


class Clock:
    """`monotonic` only ever goes on; the clock on the wall may jump, as when somebody sets it."""

    def __init__(self, begin: datetime) -> None:
        self.monotonic = 0.0
        self._wall = begin
        self._travel = time_machine.travel(begin, tick=False)

    def __enter__(self) -> "Clock":
        self._traveller = self._travel.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._travel.stop()

    @property
    def now(self) -> datetime:
        return self._wall

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.monotonic += seconds
        self.jump(timedelta(seconds=seconds))

    def jump(self, by: timedelta) -> None:
        """The clock on the wall is set."""
        self._wall += by
        self._traveller.shift(by)

    def stopwatch(self) -> SimpleNamespace:
        """In the place of the module `time`, for code that measures."""
        return SimpleNamespace(monotonic=lambda: self.monotonic)


class _Waiting(selectors.SelectSelector):
    """Instead of waiting it lets the time pass."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise AssertionError("everybody waits for somebody else: nothing can happen any more")
        self._clock.advance(max(timeout, MOMENT))
        return []


class Loop(asyncio.SelectorEventLoop):
    """Runs on this clock, in one thread: the same tasks always take turns in the same order."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(_Waiting(clock))
        self._clock = clock

    def time(self) -> float:
        return self._clock.monotonic

    def run_in_executor(self, _: Any, call: Callable[..., Any], *args: Any) -> "asyncio.Future[Any]":
        done: asyncio.Future[Any] = self.create_future()
        try:
            done.set_result(call(*args))
        except Exception as fault:
            done.set_exception(fault)
        return done

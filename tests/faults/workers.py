"""Web processes and runners of a storm: the real programs, forked from one that has imported them already.

Each is, as operators run it, a parent that forks the process that works; either may be killed.
"""

import os
import signal
import time
from collections.abc import Mapping
from functools import partial

import httpx2
import psutil
import uvicorn

import intake.app
from schemas.settings import settings
from stadsvraag.prefork import keep_alive
from tests.faults.nursery import Child, Nursery
from tests.flows import ready as _ready  # noqa: F401 - what a runner imports
from tests.flows.crew import work
from tests.flows.place import until
from tests.stadsvraag.house import lives

PATIENCE = 30.0  # seconds


def web(env: Mapping[str, str], port: int, log: str) -> None:
    """As `stadsvraag web`."""
    os.environ.update(env)
    settings.cache_clear()
    out = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    app = intake.app.create_app()
    keep_alive(partial(uvicorn.run, app, host="127.0.0.1", port=port, log_level="warning", access_log=False))


def runner(env: Mapping[str, str], log: str) -> None:
    """As `stadsvraag flows`."""
    keep_alive(partial(work, dict(env), log))


class Worker:
    """One of them: killed with -9 and there again, as often as one likes. `killed`: the processes that worked."""

    def __init__(self, nursery: Nursery, call: str, *args: object) -> None:
        self._nursery, self._order = nursery, (call, *args)
        self._child: Child | None = None
        self.killed: list[int] = []

    @property
    def kills(self) -> int:
        return len(self.killed)

    def start(self) -> None:
        self._child = self._nursery.child(*self._order)

    def kill(self) -> None:
        """All of it."""
        if self._child:
            at_work = self._at_work()
            self._child.kill()
            self.killed += at_work
            until(lambda: not any(map(lives, at_work)), PATIENCE)
            self._child = None

    def kill_at_work(self) -> None:
        """The process that works; its parent forks another, or ends as well when that was too young."""
        for pid in (at_work := self._at_work()):
            os.kill(pid, signal.SIGKILL)
        self.killed += at_work
        until(lambda: not self.lives or set(self._at_work()) - set(at_work), PATIENCE)
        self._child = self._child if self.lives else None

    @property
    def lives(self) -> bool:
        return self._child is not None and lives(self._child.pid)

    def _at_work(self) -> list[int]:
        return [one.pid for one in psutil.Process(self._child.pid).children()] if self._child and self.lives else []


def answers(url: str, seconds: float) -> None:
    """Wait until a web process does. Raises AssertionError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if httpx2.get(f"{url}/health/live", timeout=5).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


WEB, RUNNER = f"{__name__}:{web.__name__}", f"{__name__}:{runner.__name__}"

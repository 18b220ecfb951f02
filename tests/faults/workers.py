"""Web processes and runners of a storm: the real programs, forked from one that has imported them already."""

import os
import time
from collections.abc import Mapping

import httpx2
import uvicorn

import intake.app  # noqa: F401
from schemas.settings import settings
from tests.faults.nursery import Child, Nursery
from tests.flows import ready as _ready  # noqa: F401 - what a runner imports
from tests.flows.crew import work


def web(env: Mapping[str, str], port: int, log: str) -> None:
    """As `stadsvraag web`."""
    os.environ.update(env)
    settings.cache_clear()
    out = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    uvicorn.run("intake.app:create_app", factory=True, host="127.0.0.1", port=port, log_level="warning",
                access_log=False)  # fmt: skip


class Worker:
    """One of them: killed with -9 and started again, as often as one likes."""

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
        if self._child:
            self._child.kill()
            self.killed.append(self._child.pid)
            self._child = None


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


WEB, RUNNER = f"{__name__}:{web.__name__}", f"{work.__module__}:{work.__name__}"

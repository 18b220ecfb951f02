"""Runners as real processes that start in a moment: forked from one that has imported everything already."""

import asyncio
import logging
import multiprocessing
import os
import random
from multiprocessing.context import ForkServerProcess
from pathlib import Path

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.flows.ready"])


def work(env: dict[str, str], log: str) -> None:
    """The body of a runner's process."""
    os.environ.update(env)
    out = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    logging.basicConfig(level=logging.WARNING, format=f"{os.getpid()} %(name)s %(message)s")

    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.runner import run_forever
    from schemas.settings import settings

    settings.cache_clear()
    with temporary_settings({PREFECT_API_URL: env["STADSVRAAG_PREFECT_API_URL"]}):
        asyncio.run(run_forever(settings()))


class Crew:
    """Runners of one test."""

    def __init__(self, env: dict[str, str], home: Path) -> None:
        self._env, self.log = env, home / "runners.log"
        self.working: list[ForkServerProcess] = []

    @property
    def pids(self) -> list[str]:
        return [str(process.pid) for process in self.working]

    def hire(self, **env: str) -> ForkServerProcess:
        """One more runner."""
        process = CONTEXT.Process(target=work, args=(self._env | env, str(self.log)))
        process.start()
        self.working.append(process)
        return process

    def kill_one(self) -> None:
        """SIGKILL, to one of them."""
        process = self.working.pop(random.randrange(len(self.working)))
        process.kill()
        process.join()

    def dismiss(self) -> None:
        """SIGTERM, to all of them."""
        for process in self.working:
            process.terminate()
        for process in self.working:
            process.join(10)
            process.kill()
        self.working.clear()

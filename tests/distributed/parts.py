"""One process of an installation: started by the command of its unit, killed with -9, and started again."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx2
import psutil

from bench.family import memory
from tests.databases import ROOT
from tests.deploy.said import UNITS, commands
from tests.flows.place import until

PATIENCE = 60.0  # seconds
SAID = {one.where: one.what for one in commands() if one.where in {unit.name for unit in UNITS}}


def command(unit: str, instance: str = "") -> list[str]:
    """What a unit starts, in this environment."""
    words = [word.replace("%i", instance).replace("%H", "here") for word in SAID[unit]]
    return [sys.executable, "-m", *words]


class Part:
    """`answers` tells whether it does its work; without one it does as soon as it lives."""

    def __init__(self, name: str, args: list[str], env: dict[str, str], log: Path,
                 answers: Callable[[], bool] = lambda: True) -> None:  # fmt: skip
        self.name, self.log, self.answers = name, log / f"{name}.log", answers
        self._args, self._env = args, env
        self.forks = "stadsvraag" in args
        self._process: subprocess.Popen[bytes] | None = None
        self.kills = 0

    def start(self) -> None:
        """Again, or for the first time."""
        foreign = ("PREFECT_", "STADSVRAAG_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(self._args, cwd=ROOT, env=inherited | self._env, stdout=out, stderr=out,
                                             start_new_session=True)  # fmt: skip

    @property
    def lives(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, to it and all its children."""
        if self._process is None:
            return
        with suppress(psutil.NoSuchProcess):
            family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
            for one in family:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        self._process.wait()
        self.kills += 1

    def kill_at_work(self) -> None:
        """SIGKILL, to the child that works, for which its parent forks another; to all, where nothing was forked."""
        first = [] if not self._process or not self.lives else psutil.Process(self._process.pid).children()
        if not self.forks or not first:
            self.kill()
            return
        for one in first:
            one.kill()
        until(lambda: not self.lives or set(psutil.Process(self._process.pid).children()) - set(first), PATIENCE)
        self.kills += 1

    def memory(self) -> float:
        """Megabytes, with its children; what they share counts once."""
        with suppress(psutil.NoSuchProcess):
            return memory(psutil.Process(self._process.pid)) if self._process else 0.0
        return 0.0

    def wait(self, seconds: float) -> None:
        """Until it does its work. Raises AssertionError with what it said."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with suppress(OSError, httpx2.HTTPError):
                if self.lives and self.answers():
                    return
            time.sleep(0.2)
        raise AssertionError(f"{self.name} is not there after {seconds} s: {self.log.read_text()[-2000:]}")

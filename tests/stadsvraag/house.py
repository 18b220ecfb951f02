"""A supervisor in a process of its own, with small children, for tests that kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil  # type: ignore[import-untyped]

PROGRAM = """
import json, os, sys
from pathlib import Path
from stadsvraag.child import Child
from stadsvraag.supervisor import AlreadyRunning, Supervisor, only_one

data = Path(sys.argv[1])
children = [
    Child(one["name"], one["argv"], os.environ, (data / one["ready"]).exists if "ready" in one else None,
          tuple(one.get("after", ())), grace=one.get("grace", 5.0))
    for one in json.loads(sys.argv[2])
]
try:
    with only_one(data):
        supervisor = Supervisor(children, data)
        supervisor.wait_ready(60)
        sys.exit(supervisor.watch())
except AlreadyRunning as error:
    sys.exit(str(error))
"""
# Writes its own number and its child's, and waits for both.
FAMILY = "sleep 600 & echo $$ $! >{0}.tmp; mv {0}.tmp {0}; wait"
PATIENCE = 60.0


T = TypeVar("T")


def wait_for(what: Callable[[], T], why: str = "", seconds: float = PATIENCE) -> T:
    """What `what` returns as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, why or "it did not happen in time"
        time.sleep(0.02)
    return found


def lives(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def hear_hangups() -> None:
    """Also when the tests themselves were started with nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class House:
    """Starts supervisors on one directory; `end` kills what is left of them."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *children: dict[str, Any], before: Callable[[], object] = hear_hangups) -> subprocess.Popen[str]:
        """A supervisor of these children, each the fields of a `Child`; `ready` is a file that will be there."""
        command = [sys.executable, "-c", PROGRAM, str(self.data), json.dumps(children)]
        self.started.append(subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=before,
        ))  # fmt: skip
        return self.started[-1]

    def family(self, name: str, **fields: Any) -> dict[str, Any]:
        """A child that has a child."""
        return {"name": name, "argv": ["/bin/sh", "-c", FAMILY.format(self.data / f"{name}.pids")], **fields}

    def pids(self, name: str, *, other_than: list[int] | None = None) -> list[int]:
        """The numbers that a family wrote."""
        file = self.data / f"{name}.pids"

        def read() -> list[int]:
            found = [int(one) for one in file.read_text().split()] if file.exists() else []
            return found if found != other_than else []

        return wait_for(read, f"{name} did not start")

    def log(self, name: str) -> str:
        """What a child and its keeper wrote."""
        file = self.data / f"{name}.log"
        return file.read_text() if file.exists() else ""

    def end(self) -> None:
        """Leaves nothing behind."""
        for one in self.started:
            one.kill()
            one.communicate()
        for file in self.data.glob("*.pids"):
            for pid in map(int, file.read_text().split()):
                if lives(pid):
                    os.kill(pid, signal.SIGKILL)

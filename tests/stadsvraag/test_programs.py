"""The commands: `stadsvraag web` serves again in a moment, `stadsvraag flows` works again, both stop when told."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from stadsvraag.asking import answers
from stadsvraag.ports import pick
from tests.flows.place import environment, spawn
from tests.stadsvraag.house import lives, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
AT_ANY_AGE = "from stadsvraag import prefork; prefork.INFANCY = 0.0; from stadsvraag.__main__ import main; main()"
Run = subprocess.Popen[bytes]
Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a command, whose process that works may be killed at any age; a fork beside threads is a fault."""
    started: list[Run] = []
    env = environment(f"sqlite+aiosqlite:///{tmp_path}/s.db", "smtp://127.0.0.1:9", "http://127.0.0.1:9/api", tmp_path)
    (tmp_path / "prefect").mkdir()

    def start(*words: str) -> Run:
        args = [sys.executable, "-W", "error::DeprecationWarning:stadsvraag.prefork", "-c", AT_ANY_AGE, *words]
        started.append(spawn(args, env, tmp_path / "log"))
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.wait()


def working(parent: Run, but: int = 0) -> int:
    """The process that works, once it is another than this one; the parent has nothing that it could share."""
    found = wait_for(lambda: [one.pid for one in psutil.Process(parent.pid).children() if one.pid != but])
    seen = psutil.Process(parent.pid)
    assert seen.num_threads() == 1
    assert seen.net_connections() == []
    assert [one.path for one in seen.open_files() if not one.path.endswith("/log")] == []
    return int(found[0])


def stops(parent: Run) -> None:
    """As it is told."""
    child = working(parent)
    parent.terminate()
    assert parent.wait(30) == 0
    assert not lives(child)


def test_the_pages_are_served_again(start: Start) -> None:
    port = pick(set())
    parent = start("web", "--port", str(port))
    wait_for(lambda: answers(port, "/health/live"))
    first = working(parent)
    os.kill(first, signal.SIGKILL)
    working(parent, but=first)
    wait_for(lambda: answers(port, "/health/live"), seconds=10)
    stops(parent)


def test_pages_that_cannot_be_served_end_the_command(start: Start) -> None:
    port = pick(set())
    start("web", "--port", str(port))
    wait_for(lambda: answers(port, "/health/live"))
    assert start("web", "--port", str(port)).wait(60) == 3


def test_the_flows_work_again(start: Start, tmp_path: Path) -> None:
    parent = start("flows")

    def rounds() -> int:
        return (tmp_path / "log").read_text().count("the database cannot be used")  # it is empty

    wait_for(rounds)
    first = working(parent)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: "forked again" in (tmp_path / "log").read_text())
    before = rounds()
    wait_for(lambda: rounds() > before, seconds=10)
    stops(parent)

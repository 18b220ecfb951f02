"""Real processes, really killed: who is forked again, who is not, and that nobody is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from stadsvraag.embedded import ROOT
from tests.stadsvraag.house import lives, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
BEGIN = """
import os, random, secrets, signal, sys, time
from uuid import uuid4
from stadsvraag import prefork
prefork.INFANCY = {infancy}

def say(*words):
    print(*words, flush=True)
"""
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program in a session of its own, as the supervisor does; what `work` is, the test says."""
    started: list[subprocess.Popen[str]] = []

    def start(work: str, infancy: float = 0.0) -> subprocess.Popen[str]:
        program = BEGIN.format(infancy=infancy) + work + "\nprefork.keep_alive(work)"
        with (tmp_path / "log").open("w") as log:
            started.append(subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE,
                                            stderr=log, text=True, start_new_session=True))  # fmt: skip
        return started[-1]

    yield start
    for one in started:
        one.kill()
        one.communicate()


def worker(parent: subprocess.Popen[str], but: int = 0) -> int:
    """The process that works, once it is another than this one."""
    found: list[psutil.Process] = wait_for(
        lambda: [one for one in psutil.Process(parent.pid).children() if one.pid != but and lives(one.pid)]
    )
    return int(found[0].pid)


def line(parent: subprocess.Popen[str]) -> list[str]:
    """What it says next."""
    assert parent.stdout is not None
    return parent.stdout.readline().split()


WAITS = "def work():\n    say('up')\n    time.sleep(600)"
# Tells of every signal, and ends at the first but a second later.
ENDS = """
def work():
    told = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, frame: told.append(number))
    say("up")
    while not told:
        time.sleep(0.01)
    time.sleep(1)
    say(*told)
    sys.exit(7)
"""


def test_who_is_killed_is_followed_by_another(start: Start, tmp_path: Path) -> None:
    parent = start(WAITS)
    for _ in range(3):
        assert line(parent) == ["up"]
        first = worker(parent)
        os.kill(first, signal.SIGKILL)
        worker(parent, but=first)
    assert f"process {first} was killed by signal 9; forked again" in (tmp_path / "log").read_text()


def test_no_two_say_the_same(start: Start) -> None:
    parent = start("""
from flows.identity import me
me()
def work():
    say(random.random(), uuid4(), secrets.token_hex(), me())
    time.sleep(600)
""")
    said = []
    for _ in range(3):
        said.append(line(parent))
        os.kill(worker(parent), signal.SIGKILL)
    assert len({word for words in said for word in words}) == 12


def test_who_is_killed_young_ends_the_parent(start: Start, tmp_path: Path) -> None:
    parent = start("def work():\n    os.kill(os.getpid(), signal.SIGSEGV)", infancy=5.0)
    assert parent.wait(30) == 128 + signal.SIGSEGV
    assert "killed by signal 11; not forked again" in (tmp_path / "log").read_text()


@pytest.mark.parametrize(("work", "code"), [("pass", 0), ("sys.exit(3)", 3), ("raise OSError", 1)])
def test_who_ends_by_itself_ends_the_parent(start: Start, work: str, code: int) -> None:
    assert start(f"def work():\n    {work}").wait(30) == code


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_tells_the_parent_tells_both_and_hears_how_it_ended(start: Start, number: signal.Signals) -> None:
    parent = start(ENDS)
    assert line(parent) == ["up"]
    parent.send_signal(number)
    assert line(parent) == [str(int(signal.SIGTERM))]
    assert parent.wait(30) == 7


def test_ctrl_c_is_heard_once(start: Start) -> None:
    parent = start(ENDS)
    assert line(parent) == ["up"]
    os.killpg(parent.pid, signal.SIGINT)
    assert line(parent) == [str(int(signal.SIGTERM))]
    assert parent.wait(30) == 7


def test_ctrl_c_once_more_waits_for_nothing(start: Start) -> None:
    parent = start(ENDS)
    assert line(parent) == ["up"]
    child = worker(parent)
    os.killpg(parent.pid, signal.SIGINT)
    time.sleep(0.2)  # two of one kind that come at once are one
    os.killpg(parent.pid, signal.SIGINT)
    assert parent.wait(30) == 128 + signal.SIGKILL
    assert not lives(child)


def test_one_that_dies_of_being_told_has_ended_well(start: Start) -> None:
    for tell in (lambda one: one.terminate(), lambda one: os.kill(worker(one), signal.SIGTERM)):
        parent = start(WAITS)
        assert line(parent) == ["up"]
        tell(parent)
        assert parent.wait(30) == 0


def test_elsewhere_nothing_is_forked(start: Start) -> None:
    parent = start("sys.platform = 'darwin'\ndef work():\n    say(os.getpid())\n    sys.exit(3)")
    assert line(parent) == [str(parent.pid)]
    assert parent.wait(30) == 3


def test_nobody_outlives_the_parent(start: Start) -> None:
    parent = start(WAITS)
    assert line(parent) == ["up"]
    child = worker(parent)
    parent.kill()
    wait_for(lambda: not lives(child), "the process that works lives on")


def test_those_whose_parents_are_gone_are_buried(start: Start) -> None:
    parent = start("""
import ctypes
ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: as the first process of a container
def work():
    if not os.fork():
        if not os.fork():
            time.sleep(0.3)
        os._exit(0)
    say("up")
    time.sleep(600)
""")
    assert line(parent) == ["up"]
    child = worker(parent)
    wait_for(lambda: [one.pid for one in psutil.Process(parent.pid).children()] != [child], "there was no orphan")
    wait_for(lambda: [one.pid for one in psutil.Process(parent.pid).children()] == [child], "it was not buried")


def test_what_stays_is_not_looked_through_again(start: Start) -> None:
    """What was read at first use is put aside; what is garbage by then is not, and is thrown away as ever."""
    parent = start("""
def work():
    import gc
    gc.freeze()
    prefork.MANY, prefork.MOST, before, stays = 1_000, 3, gc.get_freeze_count(), []
    for _ in range(5):
        stays.append([[] for _ in range(2_000)])
        ring = []
        ring.append(ring)
        del ring
        say(gc.collect() > 0, gc.get_freeze_count() - before >= sum(map(len, stays)))
""")
    said = [line(parent) for _ in range(5)]
    assert said == 3 * [["True", "True"]] + 2 * [["True", "False"]]

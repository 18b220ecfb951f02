"""Keeps a handful of processes alive, and ends with all of them gone. Standard library only, to stay small."""

import fcntl
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from stadsvraag.child import Child, Ward
from stadsvraag.lifeline import Lifeline

IDLE_SECONDS = 10.0  # between looks at the size of the logs
READY_SECONDS = 0.5  # between questions whether a child is ready
STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class AlreadyRunning(RuntimeError):  # noqa: N818 - a state of affairs, said as one
    """Another supervisor holds this directory."""


def say(words: str) -> None:
    """One line to whoever looks on; nobody has to."""
    with suppress(OSError):
        sys.stdout.write(words + "\n")
        sys.stdout.flush()


@contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Holds `data` for this process; the hold ends with its life. Raises AlreadyRunning."""
    with (data / "run.lock").open("a+", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise AlreadyRunning(
                f"Stadsvraag already runs on {data} (process {held.read().strip() or 'unknown'}). "
                "Stop that one first, or give this one a directory of its own: --data DIR"
            ) from None
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        yield


class Supervisor:
    """Starts children in order, restarts those that die; on SIGTERM, SIGINT or SIGHUP stops all in reverse order."""

    def __init__(self, children: list[Child], log_dir: Path) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self.wards = [Ward(child, log_dir / f"{child.name}.log") for child in children]
        self.stopping = False
        self._lifeline = Lifeline()
        self._bell, self._rope = socket.socketpair()
        for end in (self._bell, self._rope):
            end.setblocking(False)
        self._listen()

    def wait_ready(self, timeout: float) -> list[str]:
        """Waits until all are ready; says who is. Returns the names of those that are not, after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        told: set[str] = set()
        while not self.stopping and time.monotonic() < deadline:
            self._tend()
            for ward in self.wards:
                if ward.ready and ward.child.name not in told:
                    told.add(ward.child.name)
                    say(f"  {ward.child.name} is ready ({ward.seconds_up():.1f} s)")
            if len(told) == len(self.wards):
                break
            self._rest()
        return [ward.child.name for ward in self.wards if not ward.ready]

    def watch(self) -> int:
        """Keeps all alive until told to stop; returns the exit code."""
        while not self.stopping:
            self._tend()
            self._rest()
        self.stop()
        return 0

    def stop(self) -> None:
        """Stops all, the last started first; returns when every process of theirs is gone."""
        for ward in reversed(self.wards):
            ward.stop(self._wait)
        self._lifeline.hold(())
        self._lifeline.let_go()

    def _tend(self) -> None:
        ready: set[str] = set()
        for ward in self.wards:
            if ward.tend(ready):
                self._lifeline.hold(one.pid for one in self.wards if one.pid)
            if ward.ready:
                ready.add(ward.child.name)

    def _rest(self) -> None:
        self._wait(min(self._pause(), *(ward.seconds_to_restart() for ward in self.wards)))

    def _pause(self) -> float:
        return IDLE_SECONDS if all(ward.ready for ward in self.wards) else READY_SECONDS

    def _wait(self, seconds: float) -> None:
        """Sleeps until a child ends, a signal comes or the time is over."""
        select.select([self._bell], [], [], max(seconds, 0.0))
        with suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass

    def _listen(self) -> None:
        signal.set_wakeup_fd(self._rope.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in STOPPING:
            # Started with nohup, it stays when the terminal goes.
            if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._told_to_stop)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

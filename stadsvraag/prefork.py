"""Keeps a program at hand: a parent that has imported everything forks the process that works, and then the next one.

To begin takes seconds, nearly all of them for importing; to fork takes a hundredth of one. The parent opens nothing and
does nothing but wait: whatever a process that works has touched dies with it.
"""

import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

from stadsvraag.lifeline import tied

MANY, MOST = 50_000, 40  # things still in use: to look through so many takes 25 ms; how often they are put aside
OLDEST = 2  # generation
INFANCY = 5.0  # seconds; who is killed sooner may die of how it begins, as the next one would
ENDING = (signal.SIGTERM, signal.SIGINT)
log = logging.getLogger(__name__)


def keep_alive(work: Callable[[], object]) -> None:
    """Do `work` in a process that is forked again when a signal kills it, until it ends by itself; end as it ends.

    To be called when all has been imported and before there is a thread, loop, socket or engine. It returns or raises
    in a process that works, in the parent nothing but SystemExit. Where there is no Linux nothing is forked: macOS
    does not promise that its libraries live through it, and no other system kills a child with its parent.
    """
    gc.freeze()  # what is here stays: not to be looked through in the middle of an answer, which would also unshare it
    if sys.platform == "linux":
        _watch()
    gc.callbacks.append(Settling())
    gc.enable()
    work()


class Settling:
    """Takes what is still there after a full look for garbage for lasting: it is not looked through again.

    Texts, statements and earlier questions are read when they are first needed. To look through all of them took a
    tenth of a second every few seconds, in the middle of somebody's answer. So many times only: what is taken for
    lasting and turns out to be garbage stays.
    """

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, phase: str, found: dict[str, int]) -> None:
        full = phase == "stop" and found["generation"] == OLDEST
        if full and self.times < MOST and len(gc.get_objects(OLDEST)) > MANY:
            self.times += 1
            gc.freeze()


def _watch() -> None:
    """Returns in each process that is to work."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, (*ENDING, signal.SIGCHLD))  # they are waited for, and lost at no moment
    while child := _forked():
        born = time.monotonic()
        status, told = _outcome(child)
        if status >= 0 or -status in ENDING:
            raise SystemExit(max(status, 0))
        again = not told and time.monotonic() - born >= INFANCY
        log.warning("process %s was killed by signal %s; %s", child, -status,
                    "forked again" if again else "not forked again")  # fmt: skip
        if not again:
            raise SystemExit(128 - status)


def _forked() -> int:
    """The number of the child; 0 in the child itself, which dies with its parent."""
    tie = tied()
    child = os.fork()
    if not child:
        tie()
        # Ctrl-C comes from the terminal to both: the parent passes it on, and twice would break off what is in hand.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    return child


def _outcome(child: int) -> tuple[int, bool]:
    """How the child ended, as `subprocess` tells it, and whether it had been told to."""
    told = False
    while True:
        number = signal.sigwait((*ENDING, signal.SIGCHLD))
        if number in ENDING:
            at_once = told and number == signal.SIGINT  # who presses Ctrl-C again does not want to wait
            os.kill(child, signal.SIGKILL if at_once else signal.SIGTERM)
            told = True
        elif (status := _buried(child)) is not None:
            return status, told


def _buried(child: int) -> int | None:
    """How the child ended, if it has. In a container we also bury those whose own parents are gone."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if not pid:
            return found
        if pid == child:
            found = os.waitstatus_to_exitcode(status)

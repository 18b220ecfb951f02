"""Keeps a program at hand: a parent that has imported everything forks the process that works, and the next one.

To begin takes seconds, of which importing is nearly all; to fork takes a hundredth of one. The parent opens nothing and
runs nothing but its watch: whatever a process that works has touched dies with it.
"""

import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable

from stadsvraag.lifeline import tied

INFANCY = 5.0  # seconds; who is killed sooner may be killed by what it begins with, and the next one as well
ENDING = (signal.SIGTERM, signal.SIGINT)
log = logging.getLogger(__name__)


def kept(work: Callable[[], object]) -> None:
    """Do `work` in a process that is forked again when a signal kills it; ends with the code that it ends with.

    To be called with everything imported, and before there is any thread, loop, socket or engine. Where it returns,
    and where `work` raises, is the process that works. Other than on Linux that is this very process: macOS does not
    promise that its libraries live through a fork, and nothing but Linux kills a child with its parent.
    """
    gc.freeze()  # what is here stays: not to be looked through in the middle of an answer, and written to by that
    if sys.platform == "linux":
        _watch()
    gc.enable()
    work()


def _watch() -> None:
    """Returns in each process that is to work; never in the parent."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_BLOCK, (*ENDING, signal.SIGCHLD))  # to be waited for, also while we fork
    while child := _forked():
        born = time.monotonic()
        status, told = _watched(child)
        if status >= 0 or -status in ENDING:
            raise SystemExit(max(status, 0))
        said = f"process {child} was killed by signal {-status}"
        if told or time.monotonic() - born < INFANCY:
            log.warning("%s; not forked again", said)
            raise SystemExit(128 - status)
        log.warning("%s; forked again", said)


def _forked() -> int:
    """The child's number; 0 in the child, which dies with us."""
    tie = tied()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    child = os.fork()
    if not child:
        tie()
        # A terminal's Ctrl-C comes to both of us. Who was told by us as well would break off what is in hand.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    return child


def _watched(child: int) -> tuple[int, bool]:
    """How the child ended, as `subprocess` tells it, and whether it was asked to."""
    told = False
    while True:
        number = signal.sigwait((*ENDING, signal.SIGCHLD))
        if number in ENDING:
            # Asked a second time from the keyboard: now.
            os.kill(child, signal.SIGKILL if told and number == signal.SIGINT else signal.SIGTERM)
            told = True
        elif (status := _buried(child)) is not None:
            return status, told


def _buried(child: int) -> int | None:
    """How the child ended, if it did. As the first process of a container we also bury those whom nobody else does."""
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

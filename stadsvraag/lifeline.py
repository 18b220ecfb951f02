"""Ties processes to their parent: none outlives it, whatever ends it.

Two ropes, for neither holds alone. Linux kills a child when its parent dies, but not the child's own children; and a
shell of one megabyte waits at the end of a pipe, which closes with the parent's death, and then kills all groups.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable

_PR_SET_PDEATHSIG = 1
_RESET = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT, signal.SIGCHLD)
# The last line read names the groups that live; "$line" is split into words on purpose.
_WATCH = """trap '' INT TERM HUP
groups=
while read -r line; do groups=$line; done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done"""

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def tied() -> Callable[[], None]:
    """For `preexec_fn`: the child dies with this process, and begins with signals as they were made."""
    parent = os.getpid()

    def tie() -> None:
        for number in _RESET:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the rope was tied
            os._exit(1)

    return tie


class Lifeline:
    """Kills the process groups it was last told of when this process is gone."""

    def __init__(self) -> None:
        self._begin()

    def hold(self, groups: Iterable[int]) -> None:
        """These groups live now; all earlier ones are forgotten."""
        line = (" ".join(str(group) for group in groups) + "\n").encode()
        try:
            os.write(self._end, line)
        except BrokenPipeError:  # somebody killed the watch
            self.let_go()
            self._begin()
            os.write(self._end, line)

    def let_go(self) -> None:
        """Ends the watch; call it when nothing is left to be killed."""
        os.close(self._end)
        self._watch.wait()

    def _begin(self) -> None:
        watched, self._end = os.pipe()
        self._watch = subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", _WATCH], stdin=watched, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        os.close(watched)

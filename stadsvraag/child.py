"""One process that is kept alive: started, asked whether it is ready, restarted, stopped with all its own."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stadsvraag.lifeline import tied

FIRST_DELAY = 0.2
LONGEST_DELAY = 10.0
HEALTHY_AFTER = 30.0  # seconds alive, after which an end counts as the first again
LOG_BYTES = 5_000_000


@dataclass(frozen=True)
class Child:
    """What to run. `ready` is asked until it says yes; `after` names those that must be ready first."""

    name: str
    argv: list[str]
    env: Mapping[str, str]
    ready: Callable[[], bool] | None = None
    after: tuple[str, ...] = ()
    cwd: Path | None = None
    grace: float = 5.0


class Ward:
    """A child and what has become of it."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child = child
        self.ready = False
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._delay = FIRST_DELAY
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """The process, and the group it leads; None when it does not run."""
        return self._process.pid if self._process else None

    def seconds_up(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._started

    def seconds_to_restart(self) -> float:
        """How long the next start must wait; without end while it runs or was never started."""
        return self._not_before - time.monotonic() if self._not_before and not self._process else float("inf")

    def tend(self, ready: set[str]) -> bool:
        """Notes an end, starts what should run, asks what may be ready. True when a process came or went."""
        before = self.pid
        if self._process and self._process.poll() is not None:
            self._ended(self._process)
        # Once started it no longer waits for others: they may be on their way back as well.
        may_start = bool(self._not_before) or ready.issuperset(self.child.after)
        if not self._process and may_start and time.monotonic() >= self._not_before:
            self._start()
        if self._process and not self.ready:
            self.ready = self.child.ready is None or self.child.ready()
        self._keep_log_short()
        return self.pid != before

    def stop(self, wait: Callable[[float], None]) -> None:
        """Asks it to end, and ends it and all its offspring after the grace."""
        process = self._process
        if process is None:
            return
        deadline = time.monotonic() + self.child.grace
        process.terminate()
        while process.poll() is None and time.monotonic() < deadline:
            wait(deadline - time.monotonic())
        self._kill_group(process.pid)
        process.wait()
        self._process = None

    def _start(self) -> None:
        self._started = self._not_before = time.monotonic()
        try:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(  # noqa: S603 - our own commands
                    self.child.argv, env=dict(self.child.env), cwd=self.child.cwd, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=log, start_new_session=True, preexec_fn=tied(),
                )  # fmt: skip
            self._note("started")
        except (OSError, subprocess.SubprocessError) as error:
            self._wait_longer(f"cannot be started ({error})")

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        self._kill_group(process.pid)
        self._process, self.ready = None, False
        if self.seconds_up() > HEALTHY_AFTER:
            self._delay = FIRST_DELAY
        self._wait_longer(f"ended with {process.returncode}")

    def _wait_longer(self, what: str) -> None:
        self._note(f"{what}; again in {self._delay:.1f} s")
        self._not_before = time.monotonic() + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)

    def _note(self, what: str) -> None:
        with self._log.open("ab") as log:
            log.write(f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: {what}\n".encode())

    def _kill_group(self, group: int) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of the dead
            os.killpg(group, signal.SIGKILL)

    def _keep_log_short(self) -> None:
        # The child writes at the end of the file, wherever that is: copied and emptied, it goes on in the same file.
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            shutil.copyfile(self._log, self._log.with_suffix(".log.1"))
            os.truncate(self._log, 0)

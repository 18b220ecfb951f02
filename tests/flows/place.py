"""The real parts that the flows work with: a Prefect server, a mail server, runners in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2
import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).parents[2]
SECRET = "for-tests-only-0123456789abcdefghij"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def spawn(args: list[str], env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A process of ours, its output in a file."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "STADSVRAAG_"))}
    with log.open("ab") as out:
        return subprocess.Popen(args, cwd=ROOT, env=inherited | env, stdout=out, stderr=out)


class PrefectServer:
    """`prefect server start` on SQLite; can be stopped and started again with what it knew."""

    def __init__(self, home: Path, settings: Mapping[str, str] = MappingProxyType({})) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}/api"
        self.env = {"PREFECT_HOME": str(home), "PREFECT_API_URL": self.url, "DO_NOT_TRACK": "1",
                    "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "WARNING",
                    **settings}  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        args = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = spawn(args, self.env, self.home / "server.log")
        until(lambda: httpx2.get(f"{self.url}/health", timeout=2).status_code == 200, 90)

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def kill(self) -> None:
        """SIGKILL, to all of it."""
        for one in [*psutil.Process(self.pid).children(recursive=True), psutil.Process(self.pid)]:
            one.kill()
        if self.process:
            self.process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It neither answers nor breaks its connections."""
        processes = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        for one in processes:
            one.suspend()
        yield
        for one in processes:
            one.resume()

    def runs(self, **state: Any) -> list[dict[str, Any]]:
        """Flow runs, newest first."""
        asked = {"sort": "START_TIME_DESC", "limit": 200, **state}
        found: list[dict[str, Any]] = self.ask("flow_runs/filter", asked)
        return found

    def going(self, *runners: str) -> list[str]:
        """The runs that are believed to be going, but for those of these runners."""
        return [run["name"] for run in self._open() if not _by(run, runners)]

    def going_by(self, *runners: str) -> list[str]:
        """The runs that these runners have going."""
        return [run["name"] for run in self._open() if _by(run, runners)]

    def _open(self) -> list[dict[str, Any]]:
        return self.runs(flow_runs={"state": {"type": {"any_": ["RUNNING", "PENDING"]}}})

    def artifacts(self, run_id: str) -> list[str]:
        """The reports that a run left."""
        return [one["data"] for one in self.ask("artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run_id]}}})]

    def events(self, resource: str) -> list[str]:
        """The names of the events about a resource."""
        found = self.ask("events/filter", {"filter": {"resource": {"id": [resource]}}})
        return [one["event"] for one in found["events"]]

    def ask(self, what: str, about: dict[str, Any]) -> Any:
        """The answer of Prefect's API to a question posted to it."""
        return httpx2.post(f"{self.url}/{what}", json=about, timeout=20).raise_for_status().json()


def _by(run: dict[str, Any], runners: tuple[str, ...]) -> bool:
    return any(f"/{one}/" in tag for one in runners for tag in run["tags"])


@dataclass
class Mailbox:
    """A real SMTP server that keeps what it accepts. `delay`: seconds before it replies to a text."""

    delay: float = 0.0
    refuse: str = ""
    port: int = field(default_factory=free_port)
    arrived: list[tuple[str, float]] = field(default_factory=list)  # Message-ID, when
    open: int = 0  # texts taken in but not replied to yet

    def start(self) -> "Mailbox":
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)
        self.controller.start()
        return self

    def stop(self) -> None:
        self.controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?tls=none"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        import asyncio
        from email import message_from_bytes, policy

        if self.refuse:
            return self.refuse
        self.open += 1
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.arrived.append((str(message["Message-ID"]), time.time()))
        try:
            await asyncio.sleep(self.delay)
        finally:  # also when the other side is gone
            self.open -= 1
        return "250 kept"

    def counts(self) -> Counter[str]:
        return Counter(one for one, _ in self.arrived)


def environment(database_url: str, smtp_url: str, prefect_url: str, home: Path) -> dict[str, str]:
    """The settings of a runner."""
    return {
        "STADSVRAAG_SECRET_KEY": SECRET, "STADSVRAAG_ENVIRONMENT": "demo", "STADSVRAAG_DATABASE_URL": database_url,
        "STADSVRAAG_SMTP_URL": smtp_url, "STADSVRAAG_PREFECT_API_URL": prefect_url, "STADSVRAAG_DATA_DIR": str(home),
        "STADSVRAAG_CITY": str(ROOT / "cities/twente"), "STADSVRAAG_BASE_URL": "http://stadsvraag.example.org",
    }  # fmt: skip


def start_runner(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """As operators start one."""
    return spawn([sys.executable, "-m", "stadsvraag", "flows"], env, log)


def until(true: Any, seconds: float) -> None:
    """Wait until something holds. Raises AssertionError when it does not come about."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except (OSError, httpx2.HTTPError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} seconds")

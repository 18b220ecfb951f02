"""An installation for a measurement, its parts as an operator starts them, and what each of them uses."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
from sqlmodel import select

from bench.family import used
from schemas.database import open_engine, writing
from schemas.parties import Cooperation
from stadsvraag.embedded import PREFECT
from tests.databases import Postgres, sqlite_url
from tests.flows.place import PrefectServer, environment, free_port, spawn, until

QUIET = 0.5  # seconds between looks


@dataclass
class Place:
    """What a measurement needs to know: where the pages are, where the post arrives, which process is which."""

    urls: list[str]
    database: str
    smtp_port: int
    prefect_api: str
    home: Path
    processes: dict[str, psutil.Process]

    def cpu(self) -> dict[str, float]:
        """CPU seconds of each part so far, its children's included."""
        return {name: used(one) for name, one in self.processes.items()}

    def prefect_bytes(self) -> int:
        """The size of Prefect's own database."""
        return sum(one.stat().st_size for one in self.home.glob("prefect.db*"))

    def delivered(self) -> list[float]:
        """When each letter arrived, in seconds since the epoch."""
        path = self.home / "arrived"
        return [float(line) for line in path.read_text().splitlines()] if path.exists() else []


@contextmanager
def database(kind: str, home: Path) -> Iterator[str]:
    """The address of an empty database: `sqlite` in this folder, or one on the PostgreSQL server of the tests."""
    if kind == "sqlite":
        yield sqlite_url(home / "stadsvraag.db")
        return
    server = Postgres()
    with server.database() as name:
        yield server.url(name)


@contextmanager
def installation(kind: str, home: Path, webs: int = 1) -> Iterator[Place]:
    """Pages, flows, Prefect and a mail server, each in a process of its own; the city is loaded."""
    with ExitStack() as stack:
        url = stack.enter_context(database(kind, home))
        smtp_port, ports = free_port(), [free_port() for _ in range(webs)]
        prefect = PrefectServer(home, PREFECT)
        env = environment(url, f"smtp://127.0.0.1:{smtp_port}?tls=none", prefect.url, home)
        env |= {"STADSVRAAG_BASE_URL": f"http://127.0.0.1:{ports[0]}"}
        subprocess.run([sys.executable, "-m", "stadsvraag.prepare"], env=os.environ | env, check=True)
        asyncio.run(_at_any_hour(url))
        started = {"mail server": _start(stack, ["-m", "bench.sink", str(smtp_port), str(home / "arrived")], env, home)}
        prefect.start()
        stack.callback(prefect.stop)
        for n, port in enumerate(ports, 1):
            started[f"web {n}"] = _start(stack, ["-m", "stadsvraag", "web", "--port", str(port)], env, home)
        started["flows"] = _start(stack, ["-m", "stadsvraag", "flows"], env, home)
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        for base in urls:
            until(lambda base=base: httpx2.get(f"{base}/health/ready", timeout=5).status_code == 200, 120)
        processes = {name: psutil.Process(one.pid) for name, one in started.items()}
        processes["Prefect server"] = psutil.Process(prefect.pid)
        if kind == "postgresql":
            processes["PostgreSQL"] = _postmaster()
        yield Place(urls, url, smtp_port, prefect.url, home, processes)


async def _at_any_hour(url: str) -> None:
    """Letters go out at once, also when somebody measures in the evening."""
    engine = open_engine(url)
    async with writing(engine) as session:
        cooperation = (await session.exec(select(Cooperation))).one()
        cooperation.data = cooperation.data | {"post": {}}
    await engine.dispose()


def _start(stack: ExitStack, args: list[str], env: dict[str, str], home: Path) -> subprocess.Popen[bytes]:
    process = spawn([sys.executable, *args], env, home / "parts.log")
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _postmaster() -> psutil.Process:
    servers = [one for one in psutil.process_iter(["name"]) if one.info["name"] in ("postgres", "postmaster")]
    tops = [one for one in servers if one.ppid() not in {other.pid for other in servers}]
    return max(tops, key=lambda one: len(one.children()))


def settle(place: Place, owed: int, patience: float) -> list[float]:
    """Wait until that many letters have arrived. Raises AssertionError when they do not."""
    end = time.monotonic() + patience
    while len(found := place.delivered()) < owed:
        assert time.monotonic() < end, f"{len(found)} of {owed} letters within {patience:.0f} s"
        time.sleep(QUIET / 5)
    return found

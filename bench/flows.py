"""How soon and how fast letters go out: `python -m bench.flows`. Real Prefect server, real SMTP, SQLite or PostgreSQL.

Takes about a minute. Figures mean little on a busy machine: the load before is printed with them.
"""

import asyncio
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.family import memory, used
from schemas.database import open_engine
from tests.databases import fill
from tests.flows.making import letters, submitted
from tests.flows.place import Mailbox, PrefectServer, environment, start_runner

SINGLE, MANY, IDLE = 20, 150, 15
Runner = subprocess.Popen[bytes]


def spread(name: str, values: list[float], unit: str) -> None:
    """One line: median and how far the others are from it."""
    low, mid, high = min(values), statistics.median(values), max(values)
    p90 = sorted(values)[int(len(values) * 0.9)]
    print(f"{name:<52} median {mid:.2f}  p90 {p90:.2f}  min {low:.2f}  max {high:.2f} {unit}  (n={len(values)})")


async def arrival(mailbox: Mailbox, count: int) -> None:
    while len(mailbox.arrived) < count:  # noqa: ASYNC110 - the mailbox is another thread's
        await asyncio.sleep(0.005)


async def one_by_one(engine: AsyncEngine, mailbox: Mailbox, n: int) -> list[float]:
    """Seconds from the commit of one question to each of its letters."""
    seen = len(mailbox.arrived)
    await submitted(engine, 1, n)
    committed = time.time()
    await arrival(mailbox, len(await letters(engine)))
    return [at - committed for _, at in mailbox.arrived[seen:]]


async def measure(url: str, home: Path, prefect: PrefectServer) -> None:
    """All figures for one database."""
    mailbox = Mailbox().start()
    env = environment(url, mailbox.url, prefect.url, home)
    os.environ.update(env)
    await fill(url)
    engine = open_engine(url)
    runner = start_runner(env, home / "runner.log")
    try:
        await submitted(engine, 1)
        await arrival(mailbox, len(await letters(engine)))
        await idle(runner, prefect)
        await latency(engine, mailbox)
        await heels(engine, mailbox, runner, prefect)
        runner = await backlog(engine, mailbox, runner, env, home)
    finally:
        runner.terminate()
        runner.wait(15)
        mailbox.stop()
        await engine.dispose()


async def idle(runner: Runner, prefect: PrefectServer) -> None:
    """What it costs when there is nothing to do."""
    await asyncio.sleep(3)
    processes = {"runner": psutil.Process(runner.pid), "Prefect server": psutil.Process(prefect.pid)}
    before = {name: used(one) for name, one in processes.items()}
    await asyncio.sleep(IDLE)
    for name, one in processes.items():
        print(f"{name}, idle: {100 * (used(one) - before[name]) / IDLE:.2f} % of a core, {memory(one):.0f} MB")


async def latency(engine: AsyncEngine, mailbox: Mailbox) -> None:
    """One question now and then."""
    first, last = [], []
    for n in range(SINGLE):
        await asyncio.sleep(random.uniform(0.8, 1.4))  # not in step with the runner's rounds
        waits = await one_by_one(engine, mailbox, n + 1)
        first.append(min(waits))
        last.append(max(waits))
    spread("one question, commit → first letter in the mailbox", first, "s")
    spread("one question, commit → last letter in the mailbox", last, "s")


async def heels(engine: AsyncEngine, mailbox: Mailbox, runner: Runner, prefect: PrefectServer) -> None:
    """The next question as soon as the letters of the last have arrived."""
    process = psutil.Process(runner.pid)
    known, begun, cpu = len(prefect.runs()), time.monotonic(), used(process)
    for n in range(SINGLE):
        await one_by_one(engine, mailbox, 100 + n)
    took, runs = time.monotonic() - begun, len(prefect.runs()) - known
    print(f"{SINGLE} questions on each other's heels: {runs} runs, {runs / took:.1f} runs/s, "
          f"{(used(process) - cpu) / runs:.2f} CPU-s of the runner each")  # fmt: skip


async def backlog(engine: AsyncEngine, mailbox: Mailbox, runner: Runner, env: dict[str, str], home: Path) -> Runner:
    """Many questions that waited for a runner; the one that took them."""
    runner.terminate()
    runner.wait(15)
    seen = len(mailbox.arrived)
    await submitted(engine, MANY, 1000)
    runner = start_runner(env, home / "runner.log")
    await arrival(mailbox, len(await letters(engine)))
    moments = [at for _, at in mailbox.arrived[seen:]]
    print(f"{MANY} questions waiting: {len(moments)} letters, "
          f"{len(moments) / (max(moments) - min(moments)):.0f} letters/s, none twice: "
          f"{max(mailbox.counts().values()) == 1}")  # fmt: skip
    return runner


def main() -> None:
    cpu = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "",
    )
    print(f"{cpu or platform.processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"load before {os.getloadavg()[0]:.2f}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prefect = PrefectServer(home)
        prefect.start()
        try:
            for url in sys.argv[1:] or [f"sqlite+aiosqlite:///{home}/stadsvraag.db"]:
                print(f"\n{url.split('+')[0]}")
                asyncio.run(measure(url, home, prefect))
        finally:
            prefect.stop()


if __name__ == "__main__":
    main()

"""What a poll costs, and how soon a term that has run out is seen to: `python -m bench.due [URL …]`.

With 1,000 and with 100,000 open questions that wait for a later day, on a real runner with a real Prefect server and
SMTP; and how soon after the process of the runner that works, or all of the runner, was killed with -9. SQLite, or the
empty PostgreSQL databases named. Some minutes; with `--write` on `docs/waiting.md`.
"""

import asyncio
import math
import os
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select, update

from bench.family import at_work
from bench.machine import described
from bench.page import told as tell
from flows.waiting import look, onlooker
from schemas.database import open_engine, reading, writing
from schemas.due import due_ids
from schemas.ledger import Entry
from schemas.moment import now
from schemas.subjects import Question, Subject, Trajectory
from stadsvraag.prefork import INFANCY
from tests.cast import Cast
from tests.databases import fill
from tests.flows.place import Mailbox, PrefectServer, environment, start_runner
from tests.story import Story

SIZES = (1_000, 100_000)
TABLES: tuple[type[Subject], ...] = (Question, Trajectory)
LINES: list[str] = []
POLLS, SINGLE, MANY, PART, KILLS = 200, 10, 100, 5_000, 3
SEEN_TO = "`kill -9` of {} → a term that ran out meanwhile seen to, {:,} open, s"


async def grow(engine: AsyncEngine, size: int) -> None:
    """Copies of one question that was really accepted, each with a term on some later day."""
    async with writing(engine) as session:
        have = (await session.exec(select(func.count(col(Question.id))))).one()
        one = await Story(await Cast.of(engine)).matching(session) if not have else await session.get_one(Question, 1)
        base = one.model_dump(exclude={"id", "import_mark"})
    for start in range(have, size, PART):
        rows = [
            base | {"ref": f"ES-2026-{n}-B", "due_at": now() + timedelta(days=2 + n % 300)}
            for n in range(start, min(start + PART, size))
        ]
        async with writing(engine) as session:
            await session.exec(insert(Question), params=rows)
    async with writing(engine) as session:
        await session.exec(text("ANALYZE"))  # type: ignore[call-overload]


def row(what: str, taken: list[float]) -> str:
    """A line of the table."""
    order = sorted(taken)
    most = order[math.ceil(0.99 * len(order)) - 1]
    return f"| {what} | {statistics.median(order):.2f} | {most:.2f} | {len(order)} |"


async def polls(engine: AsyncEngine, size: int) -> None:
    """A look whether there is work, and what is due, with nothing due."""
    looks, asked, reader = [], [], onlooker(engine)
    for _ in range(POLLS):
        begun = time.perf_counter()
        await look(reader)
        looks.append(1000 * (time.perf_counter() - begun))
        begun = time.perf_counter()
        async with reading(engine) as session:
            for table in TABLES:
                assert not await due_ids(session, table, now(), 100)
        asked.append(1000 * (time.perf_counter() - begun))
    LINES.append(row(f"one look of the runner, {size:,} open, ms", looks))
    LINES.append(row(f"asking what is due, {size:,} open, ms", asked))


async def told(engine: AsyncEngine) -> int:
    async with reading(engine) as session:
        return (await session.exec(select(func.count(col(Entry.id))).where(Entry.step == "remind"))).one()


async def fires(engine: AsyncEngine, size: int) -> None:
    """From the moment that terms run out to the commit of what is done about them."""
    waits = [await run_out(engine, range(10 + n, 11 + n)) for n in range(SINGLE)]
    LINES.append(row(f"a term runs out → seen to, {size:,} open, s", waits))
    LINES.append(row(f"{MANY} terms run out at once → all seen to, {size:,} open, s",
                     [await run_out(engine, range(100, 100 + MANY))]))  # fmt: skip


async def run_out(engine: AsyncEngine, ids: range, ahead: float = 1.37) -> float:
    """Seconds from the moment that the terms of these run out, so much ahead of now, to all having been seen to."""
    before, at = await told(engine), now() + timedelta(seconds=ahead)
    async with writing(engine) as session:
        await session.exec(update(Question).where(col(Question.id).in_(ids)).values(due_at=at, due_n=0))
    while await told(engine) < before + len(ids):  # noqa: ASYNC110 - another process does it
        await asyncio.sleep(0.02)
    return (now() - at).total_seconds()


async def killed(engine: AsyncEngine, process: psutil.Process, id_: int) -> float:
    """Seconds from a kill to the commit of what is done about a term that runs out at that moment."""
    await asyncio.sleep(INFANCY + 1)
    begun = time.monotonic()
    process.kill()
    await run_out(engine, range(id_, id_ + 1), 0)
    return time.monotonic() - begun


async def measure(url: str, home: Path, prefect: PrefectServer) -> None:
    """All figures for one database."""
    mailbox = Mailbox().start()
    env = environment(url, mailbox.url, prefect.url, home)
    os.environ.update(env)
    await fill(url)
    engine = open_engine(url)
    try:
        for size in SIZES:
            await grow(engine, size)
            await polls(engine, size)
            runner = start_runner(env, home / "runner.log")
            try:
                await run_out(engine, range(5, 6))  # once, so that everything has been loaded
                await fires(engine, size)
                waits = [await killed(engine, at_work(psutil.Process(runner.pid)), 300 + n) for n in range(KILLS)]
                LINES.append(row(SEEN_TO.format("the process of the runner that works", size), waits))
                waits = []
                for n in range(KILLS):
                    begun = time.monotonic()
                    runner.kill()
                    runner.wait(30)
                    runner = start_runner(env, home / "runner.log")
                    await run_out(engine, range(310 + n, 311 + n), 0)
                    waits.append(time.monotonic() - begun)
                LINES.append(row(SEEN_TO.format("all of the runner, begun anew at once", size), waits))
            finally:
                runner.terminate()
                runner.wait(30)
    finally:
        mailbox.stop()
        await engine.dispose()


def main() -> None:
    urls = [one for one in sys.argv[1:] if one != "--write"]
    LINES.append(f"`python -m bench.due`: {described()}.")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        prefect = PrefectServer(home)
        prefect.start()
        try:
            for url in urls or [f"sqlite+aiosqlite:///{home}/stadsvraag.db"]:
                LINES.extend(["", f"| on {url.split('+')[0]} | p50 | p99 | times |", "|---|---:|---:|---:|"])
                asyncio.run(measure(url, home, prefect))
        finally:
            prefect.stop()
    tell("due", "\n".join(LINES), write="--write" in sys.argv)


if __name__ == "__main__":
    main()

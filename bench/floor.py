"""What a step costs at the least, and what it costs the naive way: measured in the run that they are compared with."""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg  # type: ignore[import-untyped]
from aiosmtplib import SMTP

from bench.place import Place

LANES = 4
TABLE = "CREATE TABLE floor (id integer PRIMARY KEY, state text NOT NULL, version integer NOT NULL)"
ENTRY = "CREATE TABLE floor_entry (question integer, step text, at double precision, needs text)"
FIRST = "INSERT INTO floor VALUES ({}, 'first', 0)"
MOVE = "UPDATE floor SET state = 'next', version = version + 1 WHERE id = {} AND version = {}"
KEEP = "INSERT INTO floor_entry VALUES ({}, 'step', 0, '{{}}')"
LETTER = "We hebben je vraag ontvangen en gaan ermee aan de slag. Je hoort binnen vijf werkdagen van ons.\n" * 20


@dataclass(frozen=True)
class Bare:
    """One transaction and one letter for each step, with nothing of ours."""

    steps_s: float


async def bare(place: Place, steps: int) -> Bare:
    """A conditional UPDATE and an INSERT in one durable transaction, then one ready letter over SMTP; a few lanes."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Je vraag"
    message.set_content(LETTER)
    async with _Bench(place.database) as database:
        await database.run(TABLE, ENTRY, *(FIRST.format(n) for n in range(LANES)))
        left = iter(range(steps))

        async def lane(number: int) -> None:
            async with (
                _Bench(place.database) as own,
                SMTP(hostname="127.0.0.1", port=place.smtp_port, start_tls=False) as line,
            ):
                for version, _ in enumerate(left):
                    await own.run(MOVE.format(number, version), KEEP.format(number))
                    await line.send_message(message)

        begun = time.perf_counter()
        await asyncio.gather(*(lane(n) for n in range(LANES)))
        took = time.perf_counter() - begun
        await database.run("DROP TABLE floor", "DROP TABLE floor_entry")
    return Bare(steps / took)


async def asked(url: str, query: str) -> Any:
    """One value of one query; `SIZE` asks for the size of the database in bytes."""
    async with _Bench(url) as database:
        return await database.value(query)


class _Bench:
    """A database without any layer of ours."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> "_Bench":
        if self._url.startswith("sqlite"):
            self._path = Path(self._url.partition("///")[2])
            self._lite = await aiosqlite.connect(self._path, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=15000"):
                await self._lite.execute(f"PRAGMA {pragma}")
        else:
            self._pg = await asyncpg.connect(self._url.replace("+asyncpg", ""))
        return self

    async def __aexit__(self, *_: object) -> None:
        await (self._lite.close() if self._url.startswith("sqlite") else self._pg.close())

    async def run(self, *statements: str) -> None:
        """All in one transaction."""
        if self._url.startswith("sqlite"):
            for one in ("BEGIN IMMEDIATE", *statements, "COMMIT"):
                await self._lite.execute(one)
        else:
            async with self._pg.transaction():
                for one in statements:
                    await self._pg.execute(one)

    async def value(self, query: str) -> Any:
        if self._url.startswith("sqlite"):
            if query == "SIZE":
                return sum(one.stat().st_size for one in self._path.parent.glob(f"{self._path.name}*"))
            async with self._lite.execute(query) as rows:
                found = await rows.fetchone()
                return found[0] if found else None
        return await self._pg.fetchval("SELECT pg_database_size(current_database())" if query == "SIZE" else query)


def naive(place: Place, count: int = 20) -> dict[str, list[float]]:
    """Seconds of each Prefect run, one at a time: run in this process, and as a run of a deployment that is served."""
    os.environ |= {"PREFECT_API_URL": place.prefect_api, "PREFECT_HOME": str(place.home / "naive"), "DO_NOT_TRACK": "1",
                   "PREFECT_LOGGING_LEVEL": "ERROR"}  # fmt: skip
    from bench import naive_flow  # Prefect reads its settings when it is imported

    took = {"in this process": asyncio.run(_each(naive_flow.step, count))}
    with naive_flow.served(place.home) as deployed:
        took["as a deployment run"] = asyncio.run(_each(deployed, max(3, count // 5)))
    for name, seconds in took.items():
        rate = len(seconds) / sum(seconds)
        print(f"One Prefect run for each step, {name}: {rate:.2f} steps/s; median {statistics.median(seconds):.2f} s, "
              f"{min(seconds):.2f} to {max(seconds):.2f} s (n={len(seconds)})")  # fmt: skip
    return took


async def _each(work: Callable[[], Awaitable[object]], count: int) -> list[float]:
    found = []
    for _ in range(count):
        begun = time.perf_counter()
        await work()
        found.append(time.perf_counter() - begun)
    return found

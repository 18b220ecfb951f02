"""How long a backup and its restoration take: `python -m bench.restore [--questions 1000000] [--into postgresql]`.

Every question is a copy of one that was really accepted, with a trajectory, four entries and two letters as sent. Made
on SQLite; restored into a new database on the PostgreSQL server of the tests, into SQLite, or both. Needs some
gigabytes in --folder. With `--write` the table goes on `docs/waiting.md`.
"""

import argparse
import asyncio
import os
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

os.environ.setdefault("STADSVRAAG_SECRET_KEY", "a key for a benchmark that guards nothing at all")

from bench.machine import described
from bench.page import told
from bench.place import database
from schemas.backup.archive import Contents
from schemas.backup.whole import backup, restore
from schemas.database import open_engine, writing
from tests.cast import Cast
from tests.databases import fill, sqlite_url
from tests.story import Story

PART = 5_000
ENTRIES, LETTERS = 4, 2
LETTER = "Beste {name}, je vraag is aangenomen en gaat nu naar een instelling die er een opdracht van kan maken. " * 20


class Stages:
    """When each stage began, and how long the one before took."""

    def __init__(self) -> None:
        self.stage, self.since, self.took = "", time.perf_counter(), dict[str, float]()

    def __call__(self, stage: str, more: int = 0, total: int = 0) -> None:
        if stage != self.stage:
            at = time.perf_counter()
            if self.stage:
                self.took[self.stage] = at - self.since
            self.stage, self.since = stage, at

    def __str__(self) -> str:
        self("end")
        return ", ".join(f"{stage.lower()} {took:.1f} s" for stage, took in self.took.items())


async def seed(url: str) -> None:
    """One question that was really accepted and offered."""
    await fill(url)
    engine = open_engine(url)
    tell = Story(await Cast.of(engine))
    async with writing(engine) as session:
        await tell.placing(session)
    await engine.dispose()


def grow(path: Path, questions: int) -> None:
    """Copies of the question with all that belongs to it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous=OFF")
        for start in range(2, questions + 1, PART):
            numbers = [(n,) for n in range(start, min(start + PART, questions + 1))]
            database.execute("BEGIN")
            copy(database, "question", numbers, id="?1", ref="'ES-2026-' || ?1 || '-B'")
            copy(database, "trajectory", numbers, id="?1", question_id="?1", ref="'ES-2026-' || ?1 || '-B-1'")
            for nth in range(1, ENTRIES + 1):
                copy(database, "entry", numbers, id=f"?1 * {ENTRIES} + {nth}", question_id="?1", trajectory_id="NULL",
                     version=str(nth))  # fmt: skip
            for nth in range(1, LETTERS + 1):
                copy(database, "letter", numbers, id=f"?1 * {LETTERS} + 100 + {nth}", question_id="?1",
                     trajectory_id="NULL", entry_id=f"?1 * {ENTRIES} + {nth}", state="'sent'",
                     message_id="'<' || hex(randomblob(16)) || '@stadsvraag.example.org>'",
                     text=f"'{LETTER}'", html=f"'<p>{LETTER}</p>'")  # fmt: skip
            database.execute("COMMIT")


def copy(database: sqlite3.Connection, table: str, numbers: list[Any], **changed: str) -> None:
    """The first row of a table again, for each number, with some columns changed."""
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, f'"{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    first = f"(SELECT * FROM {table} ORDER BY id LIMIT 1)"  # noqa: S608
    database.executemany(f"INSERT INTO {table} ({names}) SELECT {values} FROM {first}", numbers)  # noqa: S608


def measured(what: str, doing: Callable[[Stages], Coroutine[Any, Any, object]]) -> str:
    """A row of the table: seconds, those in which this process worked, and the stages."""
    stages = Stages()
    begun, used = time.perf_counter(), time.process_time()
    asyncio.run(doing(stages))
    took, used = time.perf_counter() - begun, time.process_time() - used
    row = f"| {what} | {took:.0f} | {used:.0f} | {stages} |"
    print(row, flush=True)
    return row


def rows_of(questions: int, folder: Path, into: list[str]) -> list[str]:
    """The whole table."""
    made, kept = folder / "made.db", folder / "kept"
    begun = time.perf_counter()
    asyncio.run(seed(sqlite_url(made)))
    grow(made, questions)
    print(f"{questions:,} questions made within {time.perf_counter() - begun:.0f} s", flush=True)
    contents: list[Contents] = []

    async def save(stages: Stages) -> None:
        contents.append(await backup(sqlite_url(made), kept, stages))

    rows = [measured("backup, from SQLite", save)]
    sizes = f"{made.stat().st_size / 1e6:,.0f} MB of database, a file of {kept.stat().st_size / 1e6:,.0f} MB"
    made.unlink()
    for kind in into:
        with database(kind, folder) as url:
            rows.append(measured(f"restore into {kind}", lambda told, url=url: restore(url, kept, told)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = f"{questions:,} questions, {contents[0].size:,} rows, {sizes}; at most {memory:.0f} MB of memory."
    return [said, "", "| | s | of which this process worked, s | stages |", "|---|---:|---:|---|", *rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--into", nargs="+", choices=("sqlite", "postgresql"), default=["postgresql"])
    parser.add_argument("--write", action="store_true", help="on docs/waiting.md")
    asked, machine = parser.parse_args(), described()
    with tempfile.TemporaryDirectory(dir=asked.folder) as made:
        rows = rows_of(asked.questions, Path(made), asked.into)
    command = f"`python -m bench.restore --questions {asked.questions} --into {' '.join(asked.into)}`: {machine}. "
    told("restore", command + "\n".join(rows), write=asked.write)


if __name__ == "__main__":
    main()

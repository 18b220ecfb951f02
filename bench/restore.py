"""How long a backup and its restoration take: `python -m bench.restore [--questions 1000000] [--into URL]`.

Every question is a copy of one that was really accepted, with a trajectory, four entries and two letters as sent. Made
on SQLite; restored into SQLite, and into the empty PostgreSQL database named. Needs some gigabytes in --folder.
"""

import argparse
import asyncio
import os
import platform
import resource
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

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


async def measured(what: str, doing: Any, stages: Stages) -> None:
    begun, used = time.perf_counter(), time.process_time()
    await doing
    took, used = time.perf_counter() - begun, time.process_time() - used
    print(f"{what}: {took:.1f} s, of which this process worked {used:.1f} s ({stages})", flush=True)


async def main(questions: int, folder: Path, into: str | None) -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"load before {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d')}")  # fmt: skip
    made, kept = folder / "made.db", folder / "kept"
    await seed(sqlite_url(made))
    await asyncio.to_thread(grow, made, questions)
    contents: list[Any] = []

    async def save(stages: Stages) -> None:
        contents.append(await backup(sqlite_url(made), kept, stages))

    await measured(f"backup of {questions:,} questions", save(stages := Stages()), stages)
    sizes = [f"{name} {path.stat().st_size / 1e6:,.0f} MB" for name, path in (("database", made), ("file", kept))]
    print(f"{contents[0].size:,} rows, {', '.join(sizes)}")
    made.unlink()
    await measured("into SQLite", restore(sqlite_url(folder / "back.db"), kept, stages := Stages()), stages)
    (folder / "back.db").unlink()
    if into:
        await measured("into PostgreSQL", restore(into, kept, stages := Stages(), replace=True), stages)
    print(f"memory of this process at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--into", help="an empty PostgreSQL database")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as made:
        asyncio.run(main(asked.questions, Path(made), asked.into))

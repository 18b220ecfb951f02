"""SQLite's log cut off or damaged anywhere, as a power failure leaves it: what was committed before that is there.

Each commit is in the log and synced to disk before anybody is told (`synchronous=FULL`), so that a disk that keeps what
it has synced can only lose or spoil what lies behind the last acknowledged commit. Were more spoilt than that, what is
left is still consistent: everything up to a commit, and nothing of what came after it.
"""

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from schemas.database import open_engine, reading
from schemas.ledger import Entry
from schemas.replay import differing
from schemas.subjects import Question
from tests.databases import sqlite_copy, sqlite_url
from tests.flows.making import accept, submitted
from tests.schemas.backup.places import faults

QUESTIONS, HEADER = 8, 32  # bytes of the log that say what it belongs to


@dataclass(frozen=True)
class Left:
    """What a kill left: the files, and after which byte of the log each acknowledged step was in it."""

    file: Path
    steps: tuple[tuple[int, int], ...]  # (entry, end of the log)

    @property
    def log(self) -> Path:
        return self.file.with_name(self.file.name + "-wal")


async def killed(template: Path, home: Path) -> Left:
    """Some questions are asked and accepted; the files as they are while everything is still open."""
    file, steps = home / "open.db", list[tuple[int, int]]()
    url = sqlite_copy(template, file)
    log = file.with_name("open.db-wal")
    engine = open_engine(url)
    async with engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA synchronous"))).scalar() == 2, "not FULL"
        assert (await connection.execute(text("PRAGMA journal_mode"))).scalar() == "wal"
    for n in range(QUESTIONS):
        [question] = await submitted(engine, 1, n)
        async with reading(engine) as session:
            entry = (await session.exec(select(Entry).where(Entry.question_id == question.id))).one()
        steps.append((entry.id, log.stat().st_size))
        if n % 2:
            steps.append(((await accept(engine, question.id)).id, log.stat().st_size))
    left = Left(home / "left.db", tuple(steps))
    shutil.copy(file, left.file)
    shutil.copy(log, left.log)
    await engine.dispose()
    assert [end for _, end in steps] == sorted({end for _, end in steps}), "the log was folded into the database"
    return left


def put(left: Left, home: Path, log: bytes) -> Path:
    """The file again, with this log beside it."""
    file = home / "torn.db"
    for old in home.glob("torn.db*"):
        old.unlink()
    shutil.copy(left.file, file)
    file.with_name("torn.db-wal").write_bytes(log)
    return file


async def there(left: Left, home: Path, log: bytes) -> list[int]:
    """The entries in it with another log; raises AssertionError when what is there does not hold together."""
    file = put(left, home, log)
    engine = open_engine(sqlite_url(file))
    async with reading(engine) as session:
        entries = list(await session.exec(select(Entry.id).order_by(col(Entry.id))))
        assert (await session.exec(select(Question.id).where(col(Question.ref).is_(None)))).all() == []
        assert await differing(session) == []
    assert await faults(engine) == []
    await engine.dispose()
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return entries


async def torn(template: Path, home: Path, times: int, seed: int) -> None:
    """Cut off at a random byte, or one byte turned over."""
    left, dice = await killed(template, home), Random(seed)
    log = left.log.read_bytes()
    every = [entry for entry, _ in left.steps]
    assert await there(left, home, log) == every, "nothing is lost by a kill alone"
    assert await there(left, home, log + b"half a frame") == every, "nor by what was never acknowledged"
    for n in range(times):
        at = dice.choice((dice.randrange(len(log)), dice.choice(left.steps)[1] - dice.randrange(3)))
        at = min(at, len(log) - 1)
        cut = log[:at] if n % 2 else log[:at] + bytes([log[at] ^ 255]) + log[at + 1 :]
        found = await there(left, home, cut)
        assert found == every[: len(found)], f"{at}: not what there was at some moment"
        before = [entry for entry, end in left.steps if end <= at] if at >= HEADER else []
        assert found[: len(before)] == before, f"{at}: something before the damage is lost"


async def test_a_torn_log(sqlite_city: Path, tmp_path: Path) -> None:
    await torn(sqlite_city, tmp_path, 40, 1)


@pytest.mark.nightly
async def test_a_log_torn_in_a_thousand_places(sqlite_city: Path, tmp_path: Path) -> None:
    await torn(sqlite_city, tmp_path, 1000, 2)

"""A whole database in a file and back: from either database into either, and on from there."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.backup import whole
from schemas.backup.archive import Unfit
from schemas.backup.whole import backup, restore
from schemas.database import open_engine, writing
from schemas.steps import CLOCK
from tests.cast import Cast
from tests.databases import ROOT, Postgres, sqlite_copy, sqlite_url
from tests.schemas.backup.places import contents, faults, silent
from tests.schemas.test_migrations import shape_of
from tests.story import Story

GOLDEN = ROOT / "tests" / "golden" / "0.1.0.backup"
AWKWARD = "Tab\there, a \\ and \\N and \\. and\nlines\r\n“quotes” 'single' 🚲 \x0b"


@pytest.fixture
def other(postgres: Postgres) -> Iterator[str]:
    """The URL of a PostgreSQL database with nothing in it."""
    with postgres.database() as name:
        yield postgres.url(name)


@pytest.mark.postgres
async def test_from_sqlite_to_postgresql_and_back_a_question_in_every_state_goes_on(tmp_path: Path, other: str) -> None:
    there, back = sqlite_url(tmp_path / "city.db"), sqlite_url(tmp_path / "back.db")
    await restore(there, GOLDEN, silent)
    engine = open_engine(there)
    async with writing(engine) as session:
        await Story(await Cast.of(engine)).asked(session, situation=AWKWARD)
    await engine.dispose()
    await backup(there, tmp_path / "first", silent)
    await restore(other, tmp_path / "first", silent)
    await backup(other, tmp_path / "second", silent)
    await restore(back, tmp_path / "second", silent)
    assert await contents(there) == await contents(other) == await contents(back)
    for url in (other, back):
        await goes_on(url)


async def goes_on(url: str) -> None:
    engine = open_engine(url)
    assert await faults(engine) == []
    tell = Story(await Cast.of(engine))
    async with writing(engine) as session:  # new rows take new numbers
        await tell.completed(session)
        await tell.take(session, await tell.parked(session), "withdraw", CLOCK)
    assert await faults(engine) == []
    await engine.dispose()


async def test_tables_indexes_and_references_are_as_they_were(
    database: str, engine: AsyncEngine, tmp_path: Path
) -> None:
    before, held = await shape_of(database), await contents(database)
    await backup(database, tmp_path / "kept", silent)
    async with writing(engine) as session:
        await Story(await Cast.of(engine)).asked(session)
    await engine.dispose()
    await restore(database, tmp_path / "kept", silent, replace=True)
    assert (await shape_of(database), await contents(database)) == (before, held)


async def test_a_database_with_something_in_it_is_left_alone(database: str, tmp_path: Path) -> None:
    await backup(database, tmp_path / "kept", silent)
    before = await contents(database)
    with pytest.raises(Unfit, match="not empty"):
        await restore(database, tmp_path / "kept", silent)
    assert await contents(database) == before


async def test_a_file_of_a_later_release_is_refused(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backup(database, tmp_path / "kept", silent)
    monkeypatch.setattr(whole, "revisions", lambda: {"2020_01_01"})
    with pytest.raises(Unfit, match="later release"):
        await restore(database, tmp_path / "kept", silent, replace=True)


@pytest.mark.postgres
async def test_numbers_given_out_once_are_not_given_out_again(other: str, tmp_path: Path) -> None:
    """Not even those of rows that have gone since: letters that were sent bear them."""
    await restore(other, GOLDEN, silent)
    engine = open_engine(other)
    tell = Story(await Cast.of(engine))
    async with writing(engine) as session:
        gone = await tell.draft(session)
        await session.delete(gone)
    await backup(other, tmp_path / "kept", silent)
    await engine.dispose()
    await restore(other, tmp_path / "kept", silent, replace=True)
    async with writing(engine) as session:
        assert (await tell.draft(session)).id > gone.id
    await engine.dispose()


async def test_one_that_others_work_on_is_left_alone(sqlite_city: Path, tmp_path: Path) -> None:
    url = sqlite_copy(sqlite_city, tmp_path / "city.db")
    await backup(url, tmp_path / "kept", silent)
    before, engine = await contents(url), open_engine(url)
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
        with pytest.raises(Unfit, match="work on it"):
            await restore(url, tmp_path / "kept", silent, replace=True)
    await engine.dispose()
    assert await contents(url) == before


async def test_in_the_middle_of_work(database: str, engine: AsyncEngine, tell: Story, tmp_path: Path) -> None:
    """Six people go on asking and answering while backups are made; each is of one moment."""
    done, finished = asyncio.Event(), asyncio.Queue[int]()

    async def work() -> None:
        while not done.is_set():
            async with writing(engine) as session:
                attempt = await tell.offered(session)
            async with writing(engine) as session:
                session.add(attempt)
                await tell.take(session, attempt, "take_on", tell.cast.broker("ut"))
            finished.put_nowait(1)

    people = [asyncio.create_task(work()) for _ in range(6)]
    sizes = []
    for n in range(3):
        for _ in range(4):
            await finished.get()
        sizes.append((await backup(database, tmp_path / f"kept{n}", silent)).rows["entry"])
    done.set()
    await asyncio.gather(*people)
    assert sizes == sorted(set(sizes)), "nobody worked meanwhile"
    for n in range(3):
        await restore(url := sqlite_url(tmp_path / f"back{n}.db"), tmp_path / f"kept{n}", silent)
        there = open_engine(url)
        assert await faults(there) == []
        await there.dispose()

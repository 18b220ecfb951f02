"""The figures on the front page: exact where counting is cheap, and never waited for where it is dear."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.many import fill_with
from intake import tally
from intake.tally import Kept, Tally
from tests.cast import Cast

pytestmark = pytest.mark.anyio


async def test_every_question_shows_at_once(engine: AsyncEngine, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(tally, "CHEAP", 60.0)
    counts = Tally()
    assert (await counts.read(engine)).asked == 0
    await fill_with(engine, 100)
    found = await counts.read(engine)
    assert (found.asked, found.running) == (99, 6), "one of the hundred is a draft"


async def test_where_counting_is_dear_nobody_waits_for_it(engine: AsyncEngine, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(tally, "CHEAP", 0.0)
    monkeypatch.setattr(tally, "SHARE", 1e9)  # again at every look
    counts = Tally()
    assert (await counts.read(engine)).asked == 0
    await fill_with(engine, 100)
    assert (await counts.read(engine)).asked == 0, "those of before, while they are counted again"
    for _ in range(200):
        await asyncio.sleep(0.02)
        if (await counts.read(engine)).asked == 99:
            return
    raise AssertionError("never counted again")


async def test_a_database_that_went_away_is_told_after_all(engine: AsyncEngine, cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(tally, "CHEAP", 0.0)
    monkeypatch.setattr(tally, "SHARE", 1e9)
    away = False

    async def counted(_: object) -> int:
        if away:
            raise OSError
        return 1

    kept = Kept(counted)
    assert await kept.read(engine) == 1
    away = True
    assert await kept.read(engine) == 1, "those of before"
    await asyncio.sleep(0.1)
    with pytest.raises(OSError):
        await kept.read(engine)

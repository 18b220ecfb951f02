"""What a process remembers stays bounded, whatever the number of questions."""

import asyncio
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from bench.many import fill_with
from intake import memory
from intake.memory import Memory
from schemas.database import reading
from schemas.ledger import Entry
from schemas.subjects import Question
from tests.cast import Cast

pytestmark = pytest.mark.anyio


async def test_only_the_newest_answers_teach(engine: AsyncEngine, cast: Cast, monkeypatch: Any) -> None:
    await fill_with(engine, 300)
    monkeypatch.setattr(memory, "LESSONS", 20)
    monkeypatch.setattr(memory, "SLICE", 7)
    known = Memory()
    async with reading(engine) as session:
        newest = (
            select(Question.ref)
            .join(Entry, col(Entry.question_id) == Question.id)
            .where(col(Entry.step).in_(("place", "decline")))
            .order_by(col(Entry.id).desc())
        )
        refs = list(await session.exec(newest))
        assert len(refs) > 100, "there is more than what teaches"
        for _ in range(5):
            taught = await known.taught(session)
    assert [one.question for one in reversed(taught)] == refs[:20]


async def test_a_process_has_read_what_teaches_before_anybody_asks(
    engine: AsyncEngine, cast: Cast, monkeypatch: Any
) -> None:
    await fill_with(engine, 300)
    monkeypatch.setattr(memory, "LESSONS", 20)
    monkeypatch.setattr(memory, "SLICE", 7)
    known = Memory()
    await memory.remember(engine, known, asyncio.Event())
    assert (len(known.outcomes), len(known.earlier)) == (20, 300)
    async with reading(engine) as session:
        assert not await known.learn_more(session)

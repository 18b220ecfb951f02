"""Words are found by the index exactly where they stand in the texts, on both databases and after every change."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, delete, select, update

from schemas.database import reading, writing
from schemas.searching import newest_with
from schemas.subjects import Question

pytestmark = pytest.mark.anyio
TEXTS = (
    "es-2026-0001 fietsen op het stationsplein", "waar stallen bezoekers hun fiets?", "eenzame ouderen in de wijk",
    'een "groen" plein: 100% schaduw_plekken', "o'brien en de ijsbaan", "ĳsbaan, café, æble, ß", "", "a b c", "ab",
    "fiets AND NOT water*", "hitte in de straat; ^column:search",
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from([word for one in TEXTS for word in one.split()]),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=6),
).map(str.lower)


async def put_in(engine: AsyncEngine, *texts: str) -> list[int]:
    async with writing(engine) as session:
        rows = [Question(search=one) for one in texts]
        session.add_all(rows)
        await session.flush()
        return [one.id for one in rows]


async def found(engine: AsyncEngine, *words: str, most: int = 100) -> list[int]:
    async with reading(engine) as session:
        rows = await session.exec(newest_with(words, engine.dialect.name, most))  # type: ignore[call-overload]
        return [row[0] for row in rows]


async def plainly(engine: AsyncEngine, *words: str) -> list[int]:
    """What looking at every text finds."""
    async with reading(engine) as session:
        rows = await session.exec(select(Question).order_by(col(Question.id).desc()))
        return [one.id for one in rows if all(word in one.search for word in words)]


async def test_pieces_of_words_are_found_newest_first(engine: AsyncEngine) -> None:
    ids = await put_in(engine, *TEXTS)
    assert await found(engine, "fiets") == [ids[9], ids[1], ids[0]]
    assert await found(engine, "fiets", most=2) == [ids[9], ids[1]]
    assert await found(engine, "fiets", "plein") == [ids[0]]
    assert await found(engine, "fiets", "op") == [ids[0]], "a word too short for the index narrows down all the same"
    assert await found(engine, "op") == [ids[0]]
    assert await found(engine, "nergens") == []


async def test_the_index_follows_every_change(engine: AsyncEngine) -> None:
    (one,) = await put_in(engine, "water in de kelder")
    async with writing(engine) as session:
        await session.exec(update(Question).where(col(Question.id) == one).values(search="zand op het strand"))
    assert (await found(engine, "water"), await found(engine, "strand")) == ([], [one])
    async with writing(engine) as session:
        await session.exec(delete(Question).where(col(Question.id) == one))
    assert await found(engine, "strand") == []
    if engine.dialect.name == "sqlite":  # raises when the index and the texts say different things
        async with writing(engine) as session:
            check = "INSERT INTO question_words (question_words, rank) VALUES ('integrity-check', 1)"
            await (await session.connection()).execute(text(check))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, min_size=1, max_size=3))
async def test_the_index_finds_what_looking_finds(engine: AsyncEngine, words: list[str]) -> None:
    async with reading(engine) as session:
        filled = (await session.exec(select(Question.id))).first()
    if not filled:
        await put_in(engine, *(one.lower() for one in TEXTS))
    assert await found(engine, *words) == await plainly(engine, *words), words

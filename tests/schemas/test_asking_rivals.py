"""Several at one order in the same moment: one wins, the others are told, and nobody is asked twice."""

import asyncio
from collections.abc import Awaitable

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.needs import FaultyNeeds
from schemas.steps import MovedOn
from schemas.subjects import Question
from schemas.supply import OfferLimit
from tests.asking import ROC, SAXION, UT, answer, ask, states
from tests.cast import Cast
from tests.story import Story

pytestmark = pytest.mark.anyio


@pytest.fixture
async def question(engine: AsyncEngine, tell: Story) -> Question:
    async with writing(engine) as session:
        return await tell.matching(session)


async def together(*work: Awaitable[object]) -> list[object]:
    return list(await asyncio.gather(*work, return_exceptions=True))


async def test_two_coordinators_at_once_ask_once(engine: AsyncEngine, cast: Cast, question: Question) -> None:
    async def one() -> None:
        async with writing(engine) as session:
            await ask(session, cast, question, UT, SAXION)

    done = await together(*(one() for _ in range(4)))
    assert sum(fault is None for fault in done) == 1, done
    assert all(fault is None or isinstance(fault, MovedOn | FaultyNeeds) for fault in done)
    assert await states(engine, question) == {UT: "offered"}


async def test_two_answers_at_once_to_offers_made_at_once(engine: AsyncEngine, cast: Cast, question: Question) -> None:
    """Two brokers say yes in the same moment: one question, one place."""
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, order="at_once")
    done = await together(answer(engine, cast, question, UT, "take_on"),
                          answer(engine, cast, question, SAXION, "take_on"))  # fmt: skip
    assert sorted((await states(engine, question)).values()) == ["placing", "retracted"]
    assert [type(fault) for fault in done if fault] == [MovedOn]


async def test_a_no_said_twice_asks_the_next_once(engine: AsyncEngine, cast: Cast, question: Question) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, ROC, by_itself="yes")
    done = await together(*(answer(engine, cast, question, UT, "decline") for _ in range(3)))
    assert sum(fault is None for fault in done) == 1
    assert await states(engine, question) == {UT: "declined", SAXION: "offered"}


async def test_two_questions_whose_orders_cross_do_not_lock_each_other_out(
    engine: AsyncEngine, cast: Cast, tell: Story, question: Question
) -> None:
    async with writing(engine) as session:
        session.add_all([OfferLimit(institution_id=one, most=3) for one in ("ut", "saxion", "roc-twente")])
        other = await tell.matching(session, cast.marloes)

    async def at_once(one: Question, *offerings: str) -> None:
        async with writing(engine) as session:
            await ask(session, cast, one, *offerings, order="at_once")

    done = await asyncio.wait_for(together(at_once(question, UT, SAXION, ROC), at_once(other, ROC, SAXION, UT)), 30)
    assert done == [None, None]

"""Owner and lecturer have to agree to the same text: in either order, and again when it changed."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import reading, writing
from schemas.steps import MovedOn, NotYours
from schemas.subjects import Question, Trajectory
from tests.cast import Cast
from tests.ledger import letters_of
from tests.story import Story


@pytest.mark.parametrize(("first", "second"), [("chen", "amira"), ("amira", "chen")])
async def test_it_stands_when_both_have_agreed_in_either_order(
    engine: AsyncEngine, tell: Story, cast: Cast, first: str, second: str
) -> None:
    async with writing(engine) as session:
        one = await tell.agreeing(session)
        question = await session.get_one(Question, one.question_id)
        await tell.take(session, one, "agree", cast.all[first])
        assert (one.state, question.state) == ("agreeing", "matching")
        assert await letters_of(session, question, "agree") == [f"agreement to {second}"]
        await tell.take(session, one, "agree", cast.all[second])
        assert (one.state, question.state) == ("scheduled", "underway")
        assert sorted(one.agreed_by) == ["lecturer", "owner"]
        assert await letters_of(session, question, "agree") == [
            "agreed to amira", "agreed to chen", "agreed to femke", "agreed to quinten",
        ]  # fmt: skip


async def test_a_change_has_to_be_agreed_to_again(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        one = await tell.agreeing(session)
        question = await session.get_one(Question, one.question_id)
        await tell.take(session, one, "agree", cast.chen)
        await tell.take(session, one, "agree", cast.amira, costs="Reiskosten tot 200 euro.")
        assert (one.state, one.agreed_by) == ("agreeing", ["owner"])
        assert await letters_of(session, question, "agree") == ["agreement to chen"]
        await tell.take(session, one, "agree", cast.chen)  # to the old text, which is a change again
        assert (one.state, one.agreed_by) == ("agreeing", ["lecturer"])
        await tell.take(session, one, "agree", cast.amira)
        assert (one.state, one.agreement["costs"]) == ("scheduled", "Geen.")


async def test_agreeing_twice_is_not_agreeing_for_both(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        one = await tell.agreeing(session)
        for _ in range(3):
            await tell.take(session, one, "agree", cast.amira)
        assert (one.state, one.agreed_by) == ("agreeing", ["owner"])


async def test_somebody_who_is_both_speaks_for_each_in_turn(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        one = await tell.placing(session)
        await tell.take(
            session, one, "place", cast.femke, lecturer_name=cast.amira.name, lecturer_email=cast.amira.email
        )
        await tell.take(session, one, "agree", cast.amira)
        assert one.state == "agreeing"
        await tell.take(session, one, "agree", cast.amira)
        assert one.state == "scheduled"


async def test_both_at_once_agree_and_the_question_is_underway(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async def agree(trajectory_id: int, name: str) -> None:
        async with writing(engine) as session:
            await tell.take(session, await session.get_one(Trajectory, trajectory_id), "agree", cast.all[name])

    async with writing(engine) as session:
        ids = [(await tell.agreeing(session)).id for _ in range(5)]
    for one in ids:
        await asyncio.gather(agree(one, "amira"), agree(one, "chen"))
    async with reading(engine) as session:
        for one in ids:
            trajectory = await session.get_one(Trajectory, one)
            question = await session.get_one(Question, trajectory.question_id)
            assert (trajectory.state, question.state) == ("scheduled", "underway")
            assert len(set(await letters_of(session, question, "agree"))) == 4


async def test_it_is_for_the_owner_and_this_lecturer_only(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        one = await tell.agreeing(session)
        for stranger in (cast.hanna, cast.femke, cast.bram, cast.wouter, cast.xandra, cast.dirk):
            with pytest.raises(NotYours):
                await tell.take(session, one, "agree", stranger)
        await tell.take(session, one, "agree", cast.chen)
        await tell.take(session, one, "agree", cast.amira)
        with pytest.raises(MovedOn, match="agree is not possible while scheduled"):
            await tell.take(session, one, "agree", cast.amira)

"""One wins, nothing is half done: rivals, failures in the middle, and what others see meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import fill, new_trajectory
from schemas.database import reading, writing
from schemas.fence import fenced
from schemas.ledger import Entry, Letter
from schemas.needs import FaultyNeeds
from schemas.steps import MovedOn, take_step
from schemas.subjects import Question, Trajectory
from tests.cast import Cast, needs_for
from tests.ledger import letters_of, steps_of
from tests.story import Story

ROUNDS = 20


async def counts(engine: AsyncEngine) -> list[int]:
    """How many entries, letters and trajectories there are."""
    async with reading(engine) as session:
        return [(await session.exec(select(func.count(col(one.id))))).one() for one in (Entry, Letter, Trajectory)]


async def many(engine: AsyncEngine, make: Callable[[AsyncSession], Awaitable[Question]]) -> list[int]:
    async with writing(engine) as session:
        return [(await make(session)).id for _ in range(ROUNDS)]


async def test_of_two_coordinators_at_once_exactly_one_wins(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async def decide(question_id: int, step: str) -> str:
        async with writing(engine) as session:
            question = await session.get_one(Question, question_id)
            return (await tell.take(session, question, step, cast.bram)).to_state

    for question_id in await many(engine, tell.screening):
        done = await asyncio.gather(
            decide(question_id, "accept"), decide(question_id, "ask_back"), return_exceptions=True
        )
        lost = [one for one in done if isinstance(one, BaseException)]
        won = [one for one in done if isinstance(one, str)]
        assert [type(one) for one in lost] == [MovedOn], done
        async with reading(engine) as session:
            question = await session.get_one(Question, question_id)
            assert [question.state] == won
            assert question.version == 2
            assert isinstance(lost[0], MovedOn)
            assert lost[0].state == question.state
            assert len(await steps_of(session, question)) == 2


async def test_a_rival_whom_no_lock_has_held_is_found_out_by_the_fence(engine: AsyncEngine, tell: Story) -> None:
    """Whoever changes a row without taking it up first: the version tells, and nothing of ours is written over it."""
    async with writing(engine) as session:
        question = await tell.screening(session)
        was = question.version
        rival = text("UPDATE question SET version = version + 1, title = 'Van een ander' WHERE id = :id")
        await session.exec(rival.bindparams(id=question.id))  # type: ignore[call-overload]
        question.title = "Van ons"
        assert not await fenced(session, question)
        assert (question.title, question.version) == ("Van een ander", was + 1)
    async with writing(engine) as session:
        question = await session.get_one(Question, question.id)
        assert question.title == "Van een ander"
        question.title = "Van ons"
        assert await fenced(session, question)
        assert not session.is_modified(question), "it would be written twice"
    async with reading(engine) as session:
        question = await session.get_one(Question, question.id)
        assert (question.title, question.version) == ("Van ons", was + 2)


async def test_a_step_taken_on_an_old_sight_of_things_is_judged_by_what_is_true_now(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question_id = (await tell.screening(session)).id
    async with reading(engine) as session:
        seen = await session.get_one(Question, question_id)
    async with writing(engine) as session:
        await tell.take(session, await session.get_one(Question, question_id), "accept", cast.bram)

    async def ask_back() -> None:
        async with writing(engine) as session:
            await tell.take(session, await session.merge(seen, load=False), "ask_back", cast.bram)

    with pytest.raises(MovedOn) as refused:
        await ask_back()
    assert refused.value.state == "matching"


async def test_two_offers_at_once_are_two_trajectories(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async def offer(question_id: int, institution: str) -> str:
        async with writing(engine) as session:
            question = await session.get_one(Question, question_id)
            needs = needs_for("offer", cast, institution)
            trajectory = await new_trajectory(session, question, needs)
            await take_step(session, trajectory, "offer", cast.bram, needs)
            return trajectory.ref[-2:]

    for question_id in await many(engine, tell.matching):
        done = await asyncio.gather(offer(question_id, "ut"), offer(question_id, "saxion"), return_exceptions=True)
        assert set(map(str, done)) == {".1", ".2"}


async def test_of_one_submitted_twice_at_once_one_reference_is_given(engine: AsyncEngine, tell: Story) -> None:
    async def submit(question_id: int) -> str | None:
        async with writing(engine) as session:
            question = await session.get_one(Question, question_id)
            await fill(session, question, question.form)
            await tell.take(session, question, "submit", tell.cast.amira)
            return question.ref

    refs = set()
    for question_id in await many(engine, tell.draft):
        done = await asyncio.gather(submit(question_id), submit(question_id), return_exceptions=True)
        assert sorted(type(one).__name__ for one in done) == ["MovedOn", "str"], done
        async with reading(engine) as session:
            question = await session.get_one(Question, question_id)
            assert question.ref in done
            assert await steps_of(session, question) == ["submit"]
            refs.add(question.ref)
    assert sorted(str(ref)[8:12] for ref in refs) == [f"{n:04d}" for n in range(1, ROUNDS + 1)]


REFUSING = {
    "sqlite": [
        "CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN NEW.{column} = '{value}' "
        "BEGIN SELECT RAISE(ABORT, 'the disk is on fire'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the disk is on fire'; END $$",
        "CREATE TRIGGER refuse BEFORE INSERT ON {table} FOR EACH ROW WHEN (NEW.{column} = '{value}') "
        "EXECUTE FUNCTION refuse()",
    ],
}


async def make_refuse(engine: AsyncEngine, row: str) -> None:
    """From now on the database itself refuses such a row: `letter.name=withdrawn`."""
    table, column, value = row.replace("=", ".").split(".")
    async with writing(engine) as session:
        for statement in REFUSING[engine.dialect.name]:
            await session.exec(text(statement.format(table=table, column=column, value=value)))  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "row", ["letter.name=withdrawn", "letter.role=lecturer", "entry.step=withdraw", "entry.step=stop"]
)
async def test_a_failure_in_the_middle_leaves_nothing(engine: AsyncEngine, tell: Story, cast: Cast, row: str) -> None:
    async with writing(engine) as session:
        trajectory = await tell.running(session)
    before = await counts(engine)
    await make_refuse(engine, row)

    async def withdraw() -> None:
        async with writing(engine) as session:
            question = await session.get_one(Question, trajectory.question_id)
            await tell.take(session, question, "withdraw", cast.amira)

    with pytest.raises(DBAPIError, match="the disk is on fire"):
        await withdraw()
    assert await counts(engine) == before
    async with reading(engine) as session:
        question = await session.get_one(Question, trajectory.question_id)
        again = await session.get_one(Trajectory, trajectory.id)
        assert (question.state, again.state, again.version) == ("underway", "running", trajectory.version)


async def test_a_fault_that_only_the_effect_finds_leaves_nothing(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        trajectory = await tell.placing(session)
    before = await counts(engine)

    async def place() -> None:
        async with writing(engine) as session:
            again = await session.get_one(Trajectory, trajectory.id)
            await tell.take(session, again, "place", cast.femke, offering="saxion-project-week")

    with pytest.raises(FaultyNeeds, match="offering: unknown"):
        await place()
    assert await counts(engine) == before
    async with reading(engine) as session:
        again = await session.get_one(Trajectory, trajectory.id)
        assert (again.state, again.version, again.lecturer_id) == ("placing", trajectory.version, None)


async def test_entry_and_letters_appear_together_at_the_commit(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question_id = (await tell.screening(session)).id
    before = await counts(engine)
    async with writing(engine) as session:
        await tell.take(session, await session.get_one(Question, question_id), "accept", cast.bram)
        assert await counts(engine) == before
    after = await counts(engine)
    assert [later - earlier for later, earlier in zip(after, before, strict=True)] == [1, 1, 0]


async def test_each_letter_goes_once_to_a_person_in_the_first_role_named(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question = await tell.accepted(session, by=cast.amira)
        assert await letters_of(session, question, "accept") == ["accepted to amira"]
        letter = (await session.exec(select(Letter).where(Letter.name == "accepted"))).one()
        entry = await session.get_one(Entry, letter.entry_id)
        assert (letter.role, letter.owed_at, letter.state) == ("owner", entry.at, "owed")
        copy = letter.model_dump(exclude={"id"}) | {"message_id": "<another@example.org>"}
        session.add(Letter(**copy))
        with pytest.raises(IntegrityError):
            await session.flush()
        await session.rollback()

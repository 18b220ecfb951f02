"""A database of every release, with a question in every state: restored, migrated, and its questions go on."""

from pathlib import Path

import pytest
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.backup.whole import restore
from schemas.database import open_engine, reading, writing
from schemas.migrate import drift
from schemas.process import MACHINES, QUESTION
from schemas.replay import differing
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Cast
from tests.schemas.backup.places import faults, silent
from tests.story import Story

RELEASES = sorted(Path(__file__).parent.glob("*.backup"))
TABLES: dict[str, type[Subject]] = {"question": Question, "trajectory": Trajectory}


async def of_the_first_release(session: AsyncSession, machine: str) -> dict[str, Subject]:
    """One subject in each state that the file has."""
    table = TABLES[machine]
    return {one.state: one for one in await session.exec(select(table).order_by(col(table.id)))}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
async def test_a_question_in_every_state_goes_on(release: Path, empty: str) -> None:
    await restore(empty, release, silent)
    assert await drift(empty) is None
    engine = open_engine(empty)
    tell = Story(await Cast.of(engine))
    assert await faults(engine) == []
    async with reading(engine) as session:
        for machine in MACHINES:
            there = set(await of_the_first_release(session, machine))
            assert len(there) > 9
            assert there <= set(MACHINES[machine].states), "a state of that release is gone: who rests there is stuck"
        assert await differing(session, 500) == []
    async with writing(engine) as session:
        running = (await of_the_first_release(session, "trajectory"))["running"]
        await tell.take(session, running, "deliver", tell.cast.lecturer("ut"))
        await tell.take(session, running, "accept_result", await tell.owner(session, running))
        assert running.state == "completed"
        await tell.completed(session)  # and a new one lives beside them
    async with writing(engine) as session:
        for state, question in (await of_the_first_release(session, "question")).items():
            if state in QUESTION.steps["withdraw"].moves and state != "draft":
                await tell.take(session, question, "withdraw", await tell.owner(session, question))
                assert question.state == "withdrawn"
    assert await faults(engine) == []
    await engine.dispose()


def test_there_is_one() -> None:
    assert RELEASES

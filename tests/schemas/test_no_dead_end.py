"""Generated from the tables: out of every open state somebody gets it further, is asked to, and can read so."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.case import open_case
from schemas.database import writing
from schemas.process import MACHINES, QUESTION, TRAJECTORY
from schemas.roles import people_of
from schemas.rules import Machine, Role
from schemas.standing import stalled, standing
from schemas.subjects import Question, Trajectory
from schemas.words import languages
from tests.cast import Cast
from tests.story import Story

NOBODY = {Role.CLOCK, Role.PROCESS, Role.DECISION}
STATES = [pytest.param(machine, state, id=f"{machine.name}-{state}")
          for machine in MACHINES.values() for state in machine.states]  # fmt: skip
OPEN = [one for one in STATES if one.values[1] not in one.values[0].ends]  # type: ignore[operator, union-attr]
# Where no day is set, and the words say why: nobody is asked anything before a day that is known.
UNDATED = {"draft", "answered", "underway"}


def goals(machine: Machine) -> set[str]:
    """What counts as having arrived: a result for a question, the end for a trajectory."""
    return {"answered"} if machine is QUESTION else set(machine.ends)


@pytest.mark.parametrize(("machine", "state"), OPEN)
def test_people_alone_bring_it_from_every_open_state_to_a_good_end(machine: Machine, state: str) -> None:
    """Also when no clock ever runs: each move on the way is open to a person, or follows from what a person did."""
    found, new = set[str](), {state}
    while new:
        found |= new
        new = {
            target if target in machine.states else "matching"
            for step in machine.steps.values() if set(step.by) - {Role.CLOCK}
            for source, target in step.moves.items() if source in found
        } - found  # fmt: skip
    assert found & goals(machine), state


@pytest.mark.parametrize(("machine", "state"), OPEN)
def test_in_every_open_state_a_person_is_asked_something_within_a_term(machine: Machine, state: str) -> None:
    row = machine.states[state]
    if state == "underway":  # its trajectories are asked
        return
    assert set(row.waits_for) - NOBODY, state
    assert row.due, state
    assert row.asks or state == "draft", state


@pytest.mark.parametrize(("machine", "state"), STATES)
async def test_every_state_says_who_acts_what_is_next_and_by_when(
    engine: AsyncEngine, tell: Story, cast: Cast, machine: Machine, state: str
) -> None:
    async with writing(engine) as session:
        subject = await tell.state(session, machine.name, state)
        case = await open_case(session, subject)
        for language in languages():
            now = standing(case, language)
            assert now.what, state
            assert now.next.endswith("."), state
            assert bool(now.who) or state in machine.ends, state
            assert not now.sentence.lower().startswith(("niemand", "nobody")), state
            if state not in machine.ends:
                assert now.by is not None or state in UNDATED, state
        if state == "discarded" or state in machine.ends - {"redirected", "completed"}:
            return
        for role in set(machine.states[state].waits_for) - NOBODY:
            people = await people_of(session, role, case.question, case.concerned, case.today)
            assert people or role not in (Role.OWNER, Role.COORDINATOR), (state, role)


async def test_a_course_that_runs_on_for_a_month_is_called_stalled(
    engine: AsyncEngine, tell: Story, clock: object
) -> None:
    async with writing(engine) as session:
        one = await tell.running(session)
        case = await open_case(session, one)
        assert one.ends_on
        assert not stalled(case)
        late = case.at(one)
        late.now = late.calendar.morning(one.ends_on.replace(month=one.ends_on.month + 2))
        assert stalled(late)


async def test_nobody_is_sent_round_in_circles_by_a_merge(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    """Merged into one that is merged itself: the first owner follows the last, and gets its letters."""
    async with writing(engine) as session:
        first, second = await tell.screening(session), await tell.screening(session, cast.gijs)
        third = await tell.screening(session, cast.marloes)
        await tell.take(session, first, "merge", cast.bram, other_question=second.ref)
        await tell.take(session, second, "merge", cast.bram, other_question=third.ref)
        case = await open_case(session, third)
        people = await people_of(session, Role.FOLLOWER, case.question, [], case.today)
        assert [one.id for one in people] == sorted((cast.amira.id, cast.gijs.id))
        await tell.take(session, second, "reopen", cast.bram)
        people = await people_of(session, Role.FOLLOWER, case.question, [], case.today)
        assert people == []
        rows = (await session.exec(select(Question).where(Question.state == "merged"))).all()
        assert [one.id for one in rows] == [first.id]
        assert {one.state for one in (await session.exec(select(Trajectory))).all()} <= set(TRAJECTORY.states)

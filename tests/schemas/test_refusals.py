"""Generated from the tables: whatever is not listed is refused by name and changes nothing; what is listed works."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import new_trajectory
from schemas.case import Case, open_case
from schemas.database import reading, writing
from schemas.guards import holds
from schemas.ledger import Entry, Letter
from schemas.letters import recipients
from schemas.meetings import Meeting
from schemas.process import MACHINES, TRAJECTORY
from schemas.roles import person_named
from schemas.rules import BACK, NEW, Machine, Role, Step
from schemas.steps import (
    CLOCK,
    COMMITTEE,
    PROCESS,
    Actor,
    MovedOn,
    NotYours,
    UnknownStep,
    advance,
    open_steps,
    roles_of,
    take_step,
)
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Cast, needs_for
from tests.sitting import sitting
from tests.story import Story

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
MACHINE = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
STATES = [
    pytest.param(machine, state, id=f"{machine.name}-{state}")
    for machine in MACHINES.values()
    for state in (*machine.states, *([NEW] if machine is TRAJECTORY else []))
]
counted = {"closed": 0, "refused": 0, "taken": 0}


async def everybody(session: AsyncSession, cast: Cast, subject: Subject) -> dict[Role, Actor]:
    """One actor per role, each with that role only, towards this subject."""
    question = subject if isinstance(subject, Question) else await session.get_one(Question, subject.question_id)
    student = await person_named(session, "Noor Visscher", "noor.visscher@example.org")
    question.submitter_id, question.owner_id, question.deputy_id = cast.jonas.id, cast.amira.id, cast.hanna.id
    question.target_id, question.old_owner_id = "kennispunt-twente", cast.karin.id
    question.manager_id, question.lead_id = cast.gijs.id, "saxion"
    if isinstance(subject, Trajectory):
        subject.lecturer_id, subject.student_contact_id = cast.chen.id, student.id
    await session.flush()
    return {
        Role.SUBMITTER: cast.jonas, Role.OWNER: cast.amira, Role.DEPUTY: cast.hanna, Role.COORDINATOR: cast.bram,
        Role.COMMITTEE: cast.lars, Role.CHAIR: cast.eva, Role.DECISION: COMMITTEE, Role.BROKER: cast.femke,
        Role.LECTURER: cast.chen, Role.STUDENT: Actor(student.id), Role.PARTNER: cast.daan, Role.PRIVACY: cast.els,
        Role.EXECUTIVE: cast.frank, Role.ADMIN: cast.greta, Role.PUBLIC: cast.dirk, Role.CLOCK: CLOCK,
        Role.PROCESS: PROCESS, Role.OLD_OWNER: cast.karin, Role.OTHER_OWNER: cast.marloes,
        Role.FOLLOWER: cast.marloes, Role.LEAD: cast.ivo, Role.MANAGER: cast.gijs,
    }  # fmt: skip


async def subject_in(session: AsyncSession, tell: Story, machine: Machine, state: str) -> Subject:
    if state == NEW:
        return await new_trajectory(session, await tell.matching(session), needs_for("offer", tell.cast))
    return await tell.state(session, machine.name, state)


async def snapshot(session: AsyncSession) -> tuple[Any, ...]:
    counts = [(await session.exec(select(func.count(col(table.id))))).one() for table in (Entry, Letter)]
    subjects = [
        [row.model_dump() for row in await session.exec(select(table).order_by(col(table.id)))]
        for table in (Question, Trajectory)
    ]
    return *counts, *subjects


def listed(step: Step, role: Role, state: str) -> bool:
    return role in step.by and state in step.moves


def chosen(step: Step, everyone: dict[Role, Actor], turn: int) -> list[Role]:
    """All who may take a step, and a few who may not: others in every state, so that in the end all had their turn."""
    strangers = [role for role in everyone if role not in step.by]
    return [*step.by, *(strangers[(turn * 3 + n) % len(strangers)] for n in range(3))]


@SQLITE
@pytest.mark.parametrize(("machine", "state"), STATES)
async def test_what_the_table_does_not_list_is_refused_and_changes_nothing(
    engine: AsyncEngine, tell: Story, cast: Cast, machine: Machine, state: str
) -> None:
    """Every step for every role is closed; and really trying is answered with the right error."""
    async with writing(engine) as session:
        subject = await subject_in(session, tell, machine, state)
        everyone = await everybody(session, cast, subject)
        before = await snapshot(session)
        case = await open_case(session, subject)
        for turn, (name, step) in enumerate(machine.steps.items(), start=len(state)):
            closed = [role for role in everyone if not listed(step, role, state)]
            assert not any(name in open_steps(case, {role}) for role in closed), name
            counted["closed"] += len(closed)
            for role in chosen(step, everyone, turn):
                if not listed(step, role, state):
                    with pytest.raises(MovedOn if role in step.by else NotYours):
                        await advance(case, name, everyone[role], needs_for(name, cast))
                    counted["refused"] += 1
        assert await snapshot(session) == before


@MACHINE
async def test_each_step_from_a_state_that_it_does_not_leave_is_refused_to_those_who_may_take_it(
    engine: AsyncEngine, tell: Story, cast: Cast, machine: Machine
) -> None:
    """The same through the front door, committed or rolled back as callers do it."""
    state = "offered" if machine is TRAJECTORY else "screening"
    async with writing(engine) as session:
        subject_id = (await tell.state(session, machine.name, state)).id
    table = Trajectory if machine is TRAJECTORY else Question
    async with reading(engine) as session:
        before = await snapshot(session)
    for name, step in machine.steps.items():
        if state in step.moves:
            continue

        async def attempt(name: str = name, role: Role = step.by[0]) -> None:
            async with writing(engine) as session:
                subject: Subject = await session.get_one(table, subject_id)
                everyone = await everybody(session, cast, subject)
                await take_step(session, subject, name, everyone[role], needs_for(name, cast))

        with pytest.raises(MovedOn) as refused:
            await attempt()
        assert (refused.value.state, refused.value.step) == (state, name)
        counted["refused"] += 1
    async with reading(engine) as session:
        assert await snapshot(session) == before


@SQLITE
async def test_a_step_that_is_in_no_table_is_unknown(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
        for name in ("", "offer", "Accept", "decide", "accept; drop"):
            with pytest.raises(UnknownStep):
                await take_step(session, question, name, cast.bram, {})


def expected(step: Step, machine: Machine, case: Case) -> set[str]:
    """Where a listed step may end."""
    after = step.moves[case.subject.state]
    if step.each:
        return {case.subject.state}  # the other party has not agreed yet
    if after == BACK:
        return set(machine.steps["hold"].moves)
    skip = machine.states[after].skip
    return {after, *([skip[1]] if skip else [])}


def more_needs(name: str, other: Question, meeting: Meeting) -> dict[str, Any]:
    """What a step needs that depends on what there is."""
    ballots = {str(seat): {"vote": "accept"} for seat in meeting.present}
    needs: dict[str, dict[str, Any]] = {
        "merge": {"other_question": other.ref},
        "decide_in_meeting": {"meeting": str(meeting.id), "ballots": ballots},
    }
    return needs.get(name, {})


@pytest.mark.parametrize(("machine", "state"), STATES)
async def test_whatever_the_table_lists_can_be_done_by_each_role_it_names(
    engine: AsyncEngine, tell: Story, cast: Cast, machine: Machine, state: str
) -> None:
    async with writing(engine) as session:
        other = await tell.matching(session, cast.marloes)
        subject = await subject_in(session, tell, machine, state)
        everyone = await everybody(session, cast, subject)
        meeting = await sitting(session, cast)
        for name, step in machine.steps.items():
            for role in step.by if state in step.moves else ():
                case = await open_case(session, subject)
                if not holds(step.when, case, {}):
                    continue
                rights = await roles_of(case, everyone[role])
                assert name in open_steps(case, rights)
                ends, version = expected(step, machine, case), subject.version
                async with session.begin_nested() as attempt:
                    needs = needs_for(name, cast) | more_needs(name, other, meeting)
                    entry = await take_step(session, subject, name, everyone[role], needs)
                    assert (entry.step, entry.from_state, entry.role) == (name, state, role)
                    assert entry.to_state in ends
                    assert entry.version == version + 1
                    await attempt.rollback()
                counted["taken"] += 1
                await session.refresh(subject)


@SQLITE
@MACHINE
async def test_every_letter_of_the_table_finds_somebody(
    engine: AsyncEngine, tell: Story, cast: Cast, machine: Machine
) -> None:
    tells = [tell for step in machine.steps.values() for tell in step.tell]
    tells += [tell for state in machine.states.values() for tell in state.tell]
    tells += [due.tell for state in machine.states.values() for due in state.due if due.tell]
    async with writing(engine) as session:
        subject = await (tell.completed if machine is TRAJECTORY else tell.underway)(session)
        await everybody(session, cast, subject)
        ref = (await open_case(session, subject)).question.ref
        joined = await tell.screening(session, cast.marloes)
        await tell.take(session, joined, "merge", cast.bram, other_question=ref)
        case = await open_case(session, subject)
        case.question.merged_into_id = (await tell.matching(session, cast.gijs)).id
        for one in tells:
            always = type(one)(one.letter, one.to)
            found = [(name, role) async for name, role, *_ in recipients(case, [always], {}, None)]
            assert {role for _, role in found} == set(one.to), one

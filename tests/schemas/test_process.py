"""The two tables as data: whole, closed, and without a word, guard, need or term that does not exist."""

from datetime import timedelta

import pytest

from schemas.asking_around import PLANS
from schemas.clock import Calendar, due_day, parse
from schemas.effects import EFFECTS
from schemas.guards import GUARDS
from schemas.moment import now
from schemas.needs import NEEDS, json_schema
from schemas.process import MACHINES, QUESTION, TRAJECTORY
from schemas.rules import BACK, NEW, Machine, Role, Step
from schemas.steps import DECIDE
from schemas.subjects import Question, Trajectory
from schemas.timing import CHANGES

NOBODY = {Role.CLOCK, Role.PROCESS, Role.DECISION}
ADDRESSED_ONLY = {Role.OLD_OWNER, Role.OTHER_OWNER, Role.FOLLOWER, Role.LEAD, Role.MANAGER}
MACHINE = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
STEPS = [
    pytest.param(machine, name, id=f"{machine.name}-{name}") for machine in MACHINES.values() for name in machine.steps
]
STEP = pytest.mark.parametrize(("machine", "name"), STEPS)
BEGINNING = {"question": "draft", "trajectory": NEW}


def targets(machine: Machine, step: Step) -> set[str]:
    """Where a step may lead, `@back` and skipped states written out."""
    found = {target for target in step.moves.values() if target != BACK}
    if BACK in step.moves.values():
        found |= set(machine.steps["hold"].moves)
    return found | {machine.states[one].skip[1] for one in found if machine.states[one].skip}  # type: ignore[index]


def reachable(machine: Machine) -> set[str]:
    found = {BEGINNING[machine.name]}
    while True:
        more = {
            target for step in machine.steps.values() if found & set(step.moves) for target in targets(machine, step)
        }
        if more <= found:
            return found
        found |= more


@MACHINE
def test_every_state_can_be_reached(machine: Machine) -> None:
    assert reachable(machine) - {NEW} == set(machine.states)


@MACHINE
def test_every_open_state_has_a_way_out_that_a_person_or_the_process_takes(machine: Machine) -> None:
    for state in machine.states.keys() - machine.ends:
        ways = [step for step in machine.steps.values() if step.moves.get(state, state) != state]
        assert any(set(step.by) - {Role.CLOCK} for step in ways), state


@pytest.mark.parametrize(("machine", "exits"), [(QUESTION, {"reopen", "hand_back"}), (TRAJECTORY, set())])
def test_an_end_has_no_exit_but_the_named_ones(machine: Machine, exits: set[str]) -> None:
    leaving = {
        name for name, step in machine.steps.items() for state in machine.ends if step.moves.get(state, state) != state
    }
    assert leaving == exits


def test_every_end_of_a_submitted_question_can_be_reopened() -> None:
    assert set(QUESTION.steps["reopen"].moves) == QUESTION.ends - {"discarded"}


@STEP
def test_a_step_speaks_only_of_what_exists(machine: Machine, name: str) -> None:
    step = machine.steps[name]
    states = {*machine.states, *([NEW] if machine is TRAJECTORY else [])}
    assert step.moves
    assert set(step.moves) <= states
    assert set(step.moves.values()) <= set(machine.states) | {BACK}
    assert step.by
    assert not set(step.by) & ADDRESSED_ONLY
    assert set(step.need_names) <= set(NEEDS)
    assert len(step.need_names) == len(set(step.need_names))
    assert step.when in {None, *GUARDS}
    assert all(tell.to and tell.when in {None, *GUARDS} for tell in step.tell)
    assert all(not set(tell.to) & NOBODY for tell in step.tell)


@STEP
def test_what_a_step_asks_can_be_said_as_a_json_schema(machine: Machine, name: str) -> None:
    step = machine.steps[name]
    schema = json_schema(step)
    assert set(schema["properties"]) == set(step.need_names)
    assert set(schema.get("required", ())) == step.required
    assert schema["additionalProperties"] is False


@STEP
def test_what_follows_is_a_step_that_the_process_may_take(machine: Machine, name: str) -> None:
    step = machine.steps[name]
    followers = [(machine, step.then)] if step.then != DECIDE else []
    followers += [(QUESTION, step.question), (TRAJECTORY, step.trajectories)]
    for table, follower in followers:
        assert follower is None or Role.PROCESS in table.steps[follower].by


def test_what_the_process_may_take_follows_from_something() -> None:
    steps = [step for machine in MACHINES.values() for step in machine.steps.values()]
    following = {name for step in steps for name in (step.then, step.question, step.trajectories) if name}
    following |= {"offer", "retract"}  # of PLANS
    following |= {state.whole for machine in MACHINES.values() for state in machine.states.values() if state.whole}
    assert following - {DECIDE} == {
        name for machine in MACHINES.values() for name, step in machine.steps.items() if Role.PROCESS in step.by
    }


@MACHINE
def test_the_clock_takes_only_steps_that_it_may_take_from_there(machine: Machine) -> None:
    taken = set()
    for state, row in machine.states.items():
        for due in row.due:
            assert (due.tell is None) != (due.take is None), (state, due)
            assert due.when in {None, *GUARDS}
            if due.take:
                taken.add(due.take)
                assert state in machine.steps[due.take].moves, (state, due)
                assert Role.CLOCK in machine.steps[due.take].by, (state, due)
            else:
                assert state in machine.steps["remind"].moves, (state, due)
    assert taken == {name for name, step in machine.steps.items() if Role.CLOCK in step.by} - {
        "remind", machine.resuming,
    }  # fmt: skip


@MACHINE
def test_what_is_asked_in_a_state_can_be_done_there_by_whom_it_waits_for(machine: Machine) -> None:
    everything = {name: step for one in MACHINES.values() for name, step in one.steps.items()}
    for state, row in machine.states.items():
        assert row.asks_when in {None, *GUARDS}
        for name in row.asks.split():
            assert set(everything[name].by) & set(row.waits_for), (state, name)
            assert {state, NEW} & set(everything[name].moves), (state, name)


@MACHINE
def test_a_clock_that_can_be_stopped_can_be_set_going_again(machine: Machine) -> None:
    kinds = {step.clock: set(step.moves) for step in machine.steps.values() if step.clock}
    assert set(kinds) | {"answer"} == set(CHANGES)
    assert kinds["suspend"] == kinds["resume"] == kinds["extend"]
    assert all(machine.states[state].due for state in kinds["suspend"])


@MACHINE
def test_every_term_is_read_and_they_follow_each_other(machine: Machine) -> None:
    subject: Question | Trajectory = (
        Question(since=now(), until=(now() + timedelta(days=200)).date())
        if machine is QUESTION
        else Trajectory(
            ref="ES-2026-0001-K.1", question_id=1, institution_id="ut", starts_on=now().date(),
            ends_on=(now() + timedelta(days=80)).date(),
            clearances={"owner": {"embargo_until": (now() + timedelta(days=90)).date().isoformat()}},
        )
    )  # fmt: skip
    for state, row in machine.states.items():
        assert all(parse(due.at) for due in row.due)
        days = [due_day(due.at, subject, Calendar()) for due in row.due]
        assert None not in days, state
        assert days == sorted(day for day in days if day), state
        assert all(not due.again for due in row.due[:-1]), state


@MACHINE
def test_every_open_state_waits_for_somebody(machine: Machine) -> None:
    for state, row in machine.states.items():
        assert bool(row.waits_for) or row.end, state
        assert not row.skip or (row.skip[0] in GUARDS and row.skip[1] in machine.states)


def test_no_guard_need_or_effect_is_left_over() -> None:
    steps = [step for machine in MACHINES.values() for step in machine.steps.values()]
    states = [state for machine in MACHINES.values() for state in machine.states.values()]
    tells = [tell for step in steps for tell in step.tell] + [tell for state in states for tell in state.tell]
    dues = [due for state in states for due in state.due]
    guards = {step.when for step in steps} | {tell.when for tell in tells} | {due.when for due in dues}
    guards |= {state.skip[0] for state in states if state.skip} | {state.asks_when for state in states}
    assert guards - {None} == set(GUARDS)
    assert {name for step in steps for name in step.need_names} == set(NEEDS)
    assert set(EFFECTS) <= {name for machine in MACHINES.values() for name in machine.steps}


def test_every_plan_is_known_and_used() -> None:
    named = {step.plan for machine in MACHINES.values() for step in machine.steps.values()}
    assert named - {""} == set(PLANS)


def test_states_and_steps_keep_the_names_that_outside_programs_know() -> None:
    assert [" ".join(machine.states) for machine in MACHINES.values()] == [
        "draft submitted screening unclear parked triage matching underway on_hold answered rejected redirected merged "
        "withdrawn unmatched closed discarded",
        "offered placing agreeing scheduled running delivered completed declined lapsed cancelled not_usable retracted",
    ]
    assert [" ".join(machine.steps) for machine in MACHINES.values()] == [
        "submit discard confirm_ownership refuse_ownership ask_back clarify park put_forward vote decide_in_meeting "
        "close_vote accept reject redirect pick_up hand_back merge split prefer ask_around hold still_current postpone "
        "wake change_owner change_deputy correct_contact withdraw begin fall_back conclude gather "
        "report_impact close unmatch reopen suspend resume extend adopt remind",
        "offer take_on decline lapse retract place agree start report_midterm cancel correct_contact stop choose_way "
        "change_lecturer change_student_contact deliver accept_result ask_revision "
        "refuse_result presume_accepted clear publish suspend resume extend adopt remind",
    ]

"""`take_step`: the only code that changes a state. State, ledger entry and letters owed in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas import attempting as _attempting  # noqa: F401 - registers what the steps of a trajectory do
from schemas import birth as _birth  # noqa: F401 - registers what `split` does
from schemas import placing as _placing  # noqa: F401 - registers what `offer` and `place` do
from schemas import preferring as _preferring  # noqa: F401 - registers what `prefer` does
from schemas.asking_around import PLANS
from schemas.capacity import Capacity, capacities, fitting, same_eyes
from schemas.case import Case, open_case, take_up
from schemas.committee import decides, decision, keep_decision, record
from schemas.effects import EFFECTS
from schemas.fence import fenced
from schemas.guards import holds
from schemas.ledger import Entry, put_down
from schemas.letters import owe, send_off
from schemas.needs import check_needs
from schemas.process import TRAJECTORY
from schemas.rules import BACK, Role, Step, Tell
from schemas.running import carry_on
from schemas.subjects import Question, Subject, Trajectory

Given = Mapping[str, Any]
LOOKED_AT = {"triage", "matching"}  # states of a question for which is worked out what it can reach
DECIDE = "decide"  # in `then`: whatever the committee's votes have decided


class UnknownStep(LookupError):  # noqa: N818 - named for what happened, as the pages say it
    """There is no step of this name."""


class NotYours(PermissionError):  # noqa: N818
    """The actor has none of the roles that may take this step."""


class SameEyes(NotYours):
    """Another human must take this step: the actor has acted for the other party already, by standing in."""


class MovedOn(RuntimeError):  # noqa: N818
    """The step does not lead out of the state that the subject is in by now."""

    def __init__(self, state: str, step: str) -> None:
        super().__init__(f"{step} is not possible while {state}")
        self.state, self.step = state, step


@dataclass(frozen=True)
class Actor:
    """Who takes a step: a person, or the clock or the process with a role of their own."""

    person_id: int | None
    role: Role | None = None


CLOCK = Actor(None, Role.CLOCK)
PROCESS = Actor(None, Role.PROCESS)
COMMITTEE = Actor(None, Role.DECISION)


async def roles_of(case: Case, actor: Actor) -> set[Role]:
    """Every role that the actor has towards the case's subject, those in the place of others included."""
    if actor.person_id is None:
        return {actor.role} if actor.role else set()
    return {one.role for one in await capacities(case, actor.person_id)}


def open_steps(case: Case, roles: set[Role]) -> dict[str, Step]:
    """The steps that somebody with these roles may take now, in the order of the table."""
    return {
        name: step
        for name, step in case.machine.steps.items()
        if roles & set(may_take(case, name, step)) and case.subject.state in step.moves and holds(step.when, case, {})
    }


def may_take(case: Case, name: str, step: Step) -> tuple[Role, ...]:
    """The roles that may take a step here: those of the table, the coordinator only within the city's mandate."""
    if not step.mandate or name in (case.process.city("mandate") or ()):
        return step.by
    return tuple(role for role in step.by if role != Role.COORDINATOR)


async def take_step(
    session: AsyncSession,
    subject: Subject,
    step: str,
    actor: Actor,
    given: Given | None = None,
    at: datetime | None = None,
) -> Entry:
    """Take a step and everything that follows at once; the entry of the step itself.

    Raises UnknownStep, NotYours, MovedOn or FaultyNeeds; then roll back. A rival's step is waited for, and then judged
    by what it left behind; the fence is what makes sure.
    """
    return await advance(await take_up(session, subject, at), step, actor, given or {})


async def advance(case: Case, name: str, actor: Actor, given: Given) -> Entry:
    """As `take_step`, within a case that is open already."""
    entry = await _advance(case, name, actor, given)
    await send_off(case)
    return entry


async def _advance(
    case: Case, name: str, actor: Actor, given: Given, because: Entry | None = None, *, default: bool = False
) -> Entry:
    """One step of an event. `because`: the entry by which the votes decided on it."""
    step = case.machine.steps.get(name)
    if step is None:
        raise UnknownStep(name)
    acts = await _capacity(case, name, step, actor)
    if case.subject.state not in step.moves or not holds(step.when, case, given):
        raise MovedOn(case.subject.state, name)
    needs = check_needs(step, given)
    if actor.person_id and await same_eyes(case, step, actor.person_id, acts):
        raise SameEyes(name)
    before = case.subject.state
    if name in EFFECTS:
        await EFFECTS[name](case, needs, acts.role)
    after = _target(case, step, before)
    _enter(case, step, before, after, needs)
    if not await fenced(case.session, case.subject):
        raise MovedOn(case.subject.state, name)
    entry = await _record(case, name, before, after, acts, actor, needs)
    if decides(step, before):
        await keep_decision(case, entry, because, default=default)
    waits = step.each and before == after
    if waits:  # the other party reads what this one has agreed to
        await owe(case, entry, case.machine.states[after].tell, others=True)
    else:
        await owe(case, entry, _tells(case, step, before, after))
        await _follow(case, step, entry)
        if before != after:
            await _gather(case)
    await case.session.flush()
    return entry


async def _capacity(case: Case, name: str, step: Step, actor: Actor) -> Capacity:
    own = (Capacity(actor.role),) if actor.role else ()
    mine = await capacities(case, actor.person_id) if actor.person_id else own
    found = fitting(case, step, may_take(case, name, step), mine)
    if found is None:
        raise NotYours(", ".join(step.by))
    return found


def _target(case: Case, step: Step, before: str) -> str:
    if step.each and isinstance(case.subject, Trajectory) and not {*step.by} <= {*case.subject.agreed_by}:
        return before
    after = step.moves[before]
    after = (case.question.back_to or "screening") if after == BACK else after
    skip = case.machine.states[after].skip
    return skip[1] if skip and holds(skip[0], case, {}) else after


def _enter(case: Case, step: Step, before: str, after: str, needs: Given) -> None:
    subject, since = case.subject, case.calendar.local(case.subject.since)
    if before != after:
        subject.state, subject.since = after, case.now
        if after == "triage":
            case.question.round += 1
        if isinstance(subject, Question) and {before, after} & LOOKED_AT:
            subject.look_at = case.now
    carry_on(case, step, before, since, needs)


def _tells(case: Case, step: Step, before: str, after: str) -> list[Tell]:
    return [*step.tell, *(case.machine.states[after].tell if before != after else ())]


async def _record(
    case: Case, name: str, before: str, after: str, acts: Capacity, actor: Actor, needs: dict[str, Any]
) -> Entry:
    subject = case.subject
    entry = Entry(
        question_id=case.question.id,
        trajectory_id=subject.id if isinstance(subject, Trajectory) else None,
        version=subject.version, step=name, from_state=before, to_state=after, role=acts.role,
        actor_id=actor.person_id, for_id=acts.for_id, needs=needs, at=case.now, process_id=subject.process_id,
    )  # fmt: skip
    return await put_down(case.session, entry)


async def _follow(case: Case, step: Step, entry: Entry) -> None:
    if step.then == DECIDE:
        await record(case, entry)
        if won := await decision(case, entry):
            await _advance(case, won.step, COMMITTEE, won.needs, entry, default=won.by_default)
    elif step.then:
        await _try(case, step.then)
    if step.question:
        await _try(case.at(case.question), step.question)
    if step.plan:
        async for move in PLANS[step.plan](case, entry.needs):
            mover = Actor(entry.actor_id) if move.own else PROCESS
            beside = replace(await open_case(case.session, move.subject, case.now), owed=case.owed)  # one event
            await _advance(beside, move.step, mover, move.needs)
    if step.trajectories:
        for one in case.trajectories:
            if one.state not in TRAJECTORY.ends:
                await _try(case.at(one), step.trajectories)


async def _gather(case: Case) -> None:
    """A part has come to rest: the whole may have its answer."""
    step = case.machine.states[case.subject.state].whole
    if step and isinstance(case.subject, Question) and case.subject.part_of_id:
        whole = await case.session.get_one(Question, case.subject.part_of_id)
        await _try(replace(await take_up(case.session, whole, case.now), owed=case.owed), step)  # one event


async def _try(case: Case, name: str) -> None:
    step = case.machine.steps[name]
    if case.subject.state in step.moves and holds(step.when, case, {}):
        await _advance(case, name, PROCESS, {})

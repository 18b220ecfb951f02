"""What waits for this reader: the states of the process table that ask a step of a role they have."""

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from intake.sight import Reader
from schemas.process import MACHINES, QUESTION, TRAJECTORY
from schemas.roles import EVERYWHERE
from schemas.rules import Machine, Role, Step
from schemas.steps import DECIDE
from schemas.subjects import Question, Trajectory, Vote

Condition = ColumnElement[bool]
STEPS: Mapping[str, Step] = {name: step for machine in MACHINES.values() for name, step in machine.steps.items()}
_LIVE = select(Trajectory.question_id).where(col(Trajectory.state).not_in(TRAJECTORY.ends))
# The guards that the table names in `asks_when`, as the database can judge them.
WHEN: Mapping[str, Condition] = {
    "nothing_on_offer": col(Question.id).not_in(_LIVE),
    "not_picked_up": col(Question.picked_up).is_(False),
    "impact_asked": col(Question.due_n) > col(Question.reported),
    "not_published": col(Trajectory.published_on).is_(None),
}


def asked(machine: Machine, state: str) -> Iterator[tuple[str, Step, Role]]:
    """Which steps a state asks of whom: the roles it waits for that may take them, the likeliest step first."""
    row = machine.states[state]
    for name in row.asks.split():
        step = machine.steps.get(name) or STEPS[name]  # `offer` is asked of a question, and begins a trajectory
        yield from ((name, step, role) for role in row.waits_for if role in step.by)


def question_tasks(reader: Reader) -> SelectOfScalar[Question]:
    """The questions that wait for this reader, soonest term first."""
    mine = or_(*_waiting(QUESTION, reader))
    return select(Question).where(mine).order_by(col(Question.due_at), col(Question.id))


def trajectory_tasks(reader: Reader) -> SelectOfScalar[Trajectory]:
    """The trajectories that wait for this reader, soonest term first."""
    mine = or_(*_waiting(TRAJECTORY, reader))
    return select(Trajectory).where(mine).order_by(col(Trajectory.due_at), col(Trajectory.id))


def _waiting(machine: Machine, reader: Reader) -> Iterator[Condition]:
    table: type[Question] | type[Trajectory] = Question if machine is QUESTION else Trajectory
    yield false()
    for state, row in machine.states.items():
        for _, step, role in asked(machine, state):
            here = [col(table.state) == state, _holder(machine, role, reader), WHEN.get(row.asks_when or "", true())]
            if step.then == DECIDE:
                here.append(~_voted(reader))
            yield and_(*here)


def _holder(machine: Machine, role: Role, reader: Reader) -> Condition:
    """That the reader has this role towards a row."""
    if role in EVERYWHERE:
        return true() if role in reader.roles else false()
    people = reader.ids
    if machine is QUESTION:
        columns = {Role.OWNER: Question.owner_id, Role.SUBMITTER: Question.submitter_id}
        if role == Role.PARTNER:
            return col(Question.target_id).in_(reader.organisations(role))
        return col(columns[role]).in_(people) if role in columns else false()
    if role == Role.OWNER:
        return col(Trajectory.question_id).in_(select(Question.id).where(col(Question.owner_id).in_(people)))
    if role == Role.BROKER:
        return col(Trajectory.institution_id).in_(reader.organisations(role))
    return col(Trajectory.lecturer_id).in_(people) if role == Role.LECTURER else false()


def _voted(reader: Reader) -> Condition:
    own = (Vote.question_id == Question.id, Vote.round == Question.round, col(Vote.person_id).in_(seats(reader)))
    return select(Vote.id).where(*own).exists()


def seats(reader: Reader) -> list[int]:
    """For whom the reader votes: themselves when they are a member, else the first absent one they stand in for."""
    voters = [one.person_id for one in reader.held if one.role in (Role.COMMITTEE, Role.CHAIR)]
    return [reader.person.id] if reader.person.id in voters else voters[:1]


def still_mine(reader: Reader, question: Question, attempt: Trajectory) -> bool:
    """Whether a trajectory waits for this reader after all: not when they have said their part already."""
    own = {Role.OWNER: question.owner_id, Role.LECTURER: attempt.lecturer_id}
    roles = {role for role, holder in own.items() if holder in reader.ids}
    roles |= {Role.BROKER} if attempt.institution_id in reader.organisations(Role.BROKER) else set()
    return bool(left_for(roles, attempt))


def left_for(roles: set[Role], subject: Question | Trajectory) -> list[str]:
    """The steps asked in the subject's state that somebody with these roles has not taken yet."""
    machine = QUESTION if isinstance(subject, Question) else TRAJECTORY
    left = [
        name
        for name, step, role in asked(machine, subject.state)
        if role in roles and not (step.done_by and role in getattr(subject, step.done_by))
    ]
    return list(dict.fromkeys(left))

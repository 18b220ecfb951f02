"""What waits for this reader: the states of the process table that ask a step of a role they have."""

from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, String, and_, cast, true
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import True_
from sqlmodel import col, func, select

from intake.sight import Reader
from schemas.process import MACHINES, QUESTION, TRAJECTORY
from schemas.roles import EVERYWHERE
from schemas.rules import Machine, Role, State, Step
from schemas.steps import DECIDE
from schemas.subjects import Question, Trajectory, Vote

Condition = ColumnElement[bool]
STEPS: Mapping[str, Step] = {name: step for machine in MACHINES.values() for name, step in machine.steps.items()}
# With an offset PostgreSQL looks each of these up, row by row, as far as a page needs. Else it would read the whole
# table once, which with a million questions takes far longer.
_LIVE = select(Trajectory.id).where(
    Trajectory.question_id == Question.id, col(Trajectory.state).not_in(TRAJECTORY.ends)
)
_PART = aliased(Question)
_PARTS = select(_PART.id).where(
    col(_PART.part_of_id) == Question.id, col(_PART.state).not_in(QUESTION.ends | {"answered"})
)


def _agreed(name: str) -> ColumnElement[str]:
    value: ColumnElement[str] = col(Trajectory.agreement)[name].as_string()
    return value


# The guards that the table names in `asks_when`, as the database can judge them.
WHEN: Mapping[str, Condition] = {
    "nothing_on_offer": ~_LIVE.offset(0).exists() & ~_PARTS.offset(0).exists(),
    "not_picked_up": col(Question.picked_up).is_(False),
    "answer_due": col(Question.due_n) > col(Question.reported),
    "may_be_published": col(Trajectory.published_on).is_(None) & (func.coalesce(_agreed("publishing"), "") != "not"),
}
# What `only` in the table names of a subject.
ONLY: Mapping[str, Condition] = {"personal_data": _agreed("privacy") == "with_agreement"}


MADE: dict[object, dict[str, list[Condition]]] = {}
PEOPLE = 500


def asked(machine: Machine, state: str) -> Iterator[tuple[str, Step, Role]]:
    """Which steps a state asks of whom: the roles it waits for that may take them, the likeliest step first."""
    row = machine.states[state]
    for name in row.asks.split():
        step = machine.steps.get(name) or STEPS[name]  # `offer` is asked of a question, and begins a trajectory
        yield from ((name, step, role) for role in row.waits_for if role in step.by)


def waiting(machine: Machine, reader: Reader) -> dict[str, list[Condition]]:
    """For each state that may wait for this reader the conditions, any of which says that a row does.

    Each names the state. They hold for whoever has the same roles, so what has been made once is kept.
    """
    held = tuple((one.person_id, one.organisation_id, one.role) for one in reader.held)
    key = (machine.name, reader.person.id, reader.places, held)
    if key not in MADE:
        if len(MADE) >= PEOPLE:
            MADE.clear()
        MADE[key] = _made(machine, reader)
    return MADE[key]


def _made(machine: Machine, reader: Reader) -> dict[str, list[Condition]]:
    found: dict[str, list[Condition]] = {}
    table: type[Question] | type[Trajectory] = Question if machine is QUESTION else Trajectory
    for state, row in machine.states.items():
        seen: dict[tuple[Role, str], Condition] = {}
        for _, step, role in asked(machine, state):
            holder, left = _holder(machine, role, reader), _left(step, role, reader)
            if holder is not None and (role, str(left)) not in seen:
                guard = WHEN.get(row.asks_when or "", true()) & ONLY.get(row.only.get(role, ""), true())
                more = [one for one in (holder, guard, left) if not isinstance(one, True_)]
                seen[role, str(left)] = and_(col(table.state) == state, *more)
        if seen:
            found[state] = list(seen.values())
    return found


def _left(step: Step, role: Role, reader: Reader) -> Condition:
    """That the reader has not taken the step already, where a row remembers that."""
    if step.then == DECIDE:
        return ~_voted(reader)
    if step.done_by:
        # The names of roles, as a list or as the keys of an object: either way quoted in the JSON.
        said = cast(getattr(Trajectory, step.done_by), String)
        return ~said.contains(f'"{role}"' + ("" if step.each else ": {"))
    return true()


def _holder(machine: Machine, role: Role, reader: Reader) -> Condition | None:
    """That the reader has this role towards a row; None when they never do."""
    if role in EVERYWHERE:
        return true() if role in reader.roles else None
    people, houses = reader.ids, reader.organisations(role)
    if machine is QUESTION:
        columns = {Role.OWNER: Question.owner_id, Role.SUBMITTER: Question.submitter_id}
        if role == Role.PARTNER:
            return col(Question.target_id).in_(houses) if houses else None
        return col(columns[role]).in_(people) if role in columns else None
    if role == Role.OWNER:
        return col(Trajectory.question_id).in_(select(Question.id).where(col(Question.owner_id).in_(people)))
    if role == Role.BROKER:
        return col(Trajectory.institution_id).in_(houses) if houses else None
    return col(Trajectory.lecturer_id).in_(people) if role == Role.LECTURER else None


def _voted(reader: Reader) -> Condition:
    own = (Vote.question_id == Question.id, Vote.round == Question.round, col(Vote.person_id).in_(seats(reader)))
    return select(Vote.id).where(*own).exists()


def seats(reader: Reader) -> list[int]:
    """For whom the reader votes: themselves when they are a member, else the first absent one they stand in for."""
    voters = [one.person_id for one in reader.held if one.role in (Role.COMMITTEE, Role.CHAIR)]
    return [reader.person.id] if reader.person.id in voters else voters[:1]


def left_for(roles: set[Role], subject: Question | Trajectory) -> list[str]:
    """The steps asked in the subject's state that somebody with these roles has not taken yet."""
    machine = QUESTION if isinstance(subject, Question) else TRAJECTORY
    left = [
        name
        for name, step, role in asked(machine, subject.state)
        if role in roles
        and _is_asked(machine.states[subject.state], role, subject)
        and not (step.done_by and role in getattr(subject, step.done_by))
    ]
    return list(dict.fromkeys(left))


def _is_asked(row: State, role: Role, subject: Question | Trajectory) -> bool:
    return role not in row.only or bool(getattr(subject, row.only[role]))

"""The process: both tables, as they are in this city."""

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from intake.api.door import Language
from intake.api.openings import described
from schemas import rules
from schemas.parties import Cooperation
from schemas.process import MACHINES
from schemas.words import word

router = APIRouter(tags=["process"])


class Told(BaseModel):
    """A letter and the roles that it goes to; `when` names a condition."""

    letter: str
    to: list[str]
    when: str | None


class Due(BaseModel):
    """What the clock does when a state has lasted: tells somebody, or takes a step."""

    at: str
    tell: Told | None
    take: str | None
    when: str | None
    again: bool


class State(BaseModel):
    """A place where a question or trajectory can rest."""

    label: str
    waits_for: list[str]
    due: list[Due]
    tell: list[Told]
    end: bool
    skip_if: str | None
    skip_to: str | None


class Step(BaseModel):
    """One row of the process: from → to, by whom, what it needs, who is told, what follows."""

    label: str
    moves: dict[str, str]
    by: list[str]
    needs: dict[str, Any]
    tell: list[Told]
    each: bool
    when: str | None
    then: str | None
    question: str | None
    trajectories: str | None


class Machine(BaseModel):
    """The states and steps of one kind of subject."""

    states: dict[str, State]
    steps: dict[str, Step]


class Process(BaseModel):
    """Both tables."""

    question: Machine
    trajectory: Machine


@router.get("/process")
async def process(request: Request, language: Language) -> Process:
    """Every state and step: what the pages, letters, clocks and this API follow. For everybody, without a token."""
    return Process(**{name: _machine(one, request.app.state.cooperation, language) for name, one in MACHINES.items()})


def _machine(machine: rules.Machine, cooperation: Cooperation | None, language: str) -> Machine:
    terms = cooperation.data.get("terms", {}) if cooperation else {}
    return Machine(
        states={name: _state(name, state, terms.get(name, []), language) for name, state in machine.states.items()},
        steps={name: _step(name, step, language) for name, step in machine.steps.items()},
    )


def _state(name: str, state: rules.State, terms: list[str], language: str) -> State:
    skip_if, skip_to = state.skip or (None, None)
    return State(
        label=word(language, f"states.{name}.label"), waits_for=list(state.waits_for), tell=_told(state.tell),
        due=[_due(due, terms[n] if n < len(terms) else due.at) for n, due in enumerate(state.due)],
        end=state.end, skip_if=skip_if, skip_to=skip_to,
    )  # fmt: skip


def _due(due: rules.Due, at: str) -> Due:
    tell = next(iter(_told([due.tell] if due.tell else [])), None)
    return Due(at=at, tell=tell, take=due.take, when=due.when, again=due.again)


def _step(name: str, step: rules.Step, language: str) -> Step:
    return Step(
        label=word(language, f"steps.{name}.label"), moves=dict(step.moves), by=list(step.by),
        needs=described(step, language, {}), tell=_told(step.tell), each=step.each, when=step.when, then=step.then,
        question=step.question, trajectories=step.trajectories,
    )  # fmt: skip


def _told(tells: Iterable[rules.Tell]) -> list[Told]:
    return [Told(letter=one.letter, to=list(one.to), when=one.when) for one in tells]

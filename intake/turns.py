"""What a reader can do, in the order of a person: the likeliest first, the rest below, what ends it last."""

from collections.abc import Mapping
from dataclasses import dataclass

from intake.sight import Reader, roles_here
from intake.taking import page_of, steps_for
from intake.tasks import STEPS, left_for, seats
from schemas.case import Case
from schemas.committee import votes_of
from schemas.guards import holds
from schemas.rules import Step
from schemas.steps import DECIDE
from schemas.subjects import Question
from schemas.words import word

ENDING = {"reject", "withdraw", "unmatch", "close", "decline", "cancel", "refuse_result", "discard"}


@dataclass(frozen=True)
class Choice:
    """One step as a button or a line."""

    name: str
    label: str
    hint: str
    href: str


@dataclass(frozen=True)
class Turn:
    """`first`: what is expected of the reader now; `more`: what is possible too; `ending`: what would end it."""

    task: str
    first: tuple[Choice, ...]
    more: tuple[Choice, ...]
    ending: tuple[Choice, ...]

    @property
    def any(self) -> bool:
        return bool(self.first or self.more or self.ending)


NOTHING = Turn("", (), (), ())


async def turn_of(
    case: Case, reader: Reader, base: str, language: str, steps: Mapping[str, Step] | None = None
) -> Turn:
    """The reader's choices on the case's subject; of a question also what is expected on its trajectories."""
    found = await steps_for(case, reader) if steps is None else steps
    likely = await _asked(case, reader)
    first = [_choice(name, base, language, found[name]) for name in likely if name in found]
    task = _sentence(case.subject.state, language) if first else ""
    if isinstance(case.subject, Question) and not base.startswith("/l/"):
        for one in case.trajectories:
            inner = await turn_of(case.at(one), reader, f"/trajectories/{one.ref}", language)
            task, first = inner.task or task, [*inner.first, *first]
    rest = [_choice(name, base, language, found[name]) for name in found if name not in likely]
    return Turn(
        task, tuple(first), tuple(one for one in rest if one.name not in ENDING),
        tuple(one for one in rest if one.name in ENDING),
    )  # fmt: skip


def _choice(name: str, base: str, language: str, step: Step) -> Choice:
    label, hint = (word(language, f"steps.{name}.{part}") for part in ("label", "hint"))
    return Choice(name, label, hint, page_of(step, base) if step.page else f"{base}/steps/{name}")


def _sentence(state: str, language: str) -> str:
    task = word(language, f"states.{state}.task")
    return task[:1].upper() + task[1:]


async def _asked(case: Case, reader: Reader) -> list[str]:
    """The steps that the state asks of this reader and that they have not taken yet, the likeliest first."""
    subject = case.subject
    names = left_for(roles_here(reader, case), subject)
    if not holds(case.machine.states[subject.state].asks_when, case, {}):
        return []
    if any(STEPS[name].then == DECIDE for name in names):
        voted = {one.person_id for one in await votes_of(case)}
        return [] if voted.intersection(seats(reader)) else names
    return names

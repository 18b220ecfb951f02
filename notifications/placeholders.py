"""What a text may say: the facts that each letter has, by the path a text names them with, and the kind of each."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from notifications.facts import ABOUT_MEETING, WITHOUT_CASE
from notifications.letters import LANGUAGES, written
from notifications.markup import TAG
from schemas.process import MACHINES, TRAJECTORY
from schemas.rules import Machine, Step

GIVEN = "given"
OURS = frozenset({"also", "footer", "instead", "link"})  # parts that stand in every letter by themselves
OF_TRAJECTORY = frozenset({"agreement", "earlier", "result", "trajectory"})
OF_CASE = frozenset({"question", "reach", "files"}) | OF_TRAJECTORY


class Placeholder(NamedTuple):
    """One fact. `kind`: value, day, truth (only in a condition), given, items or rows (to go through one by one)."""

    path: str
    kind: str
    holds: tuple[str, ...] = ()  # what each row has


@lru_cache
def described() -> Mapping[str, Mapping[str, Any]]:
    """Every placeholder with its group, its kind and what it is in people's words."""
    path = Path(__file__).parent / "texts" / "placeholders.yaml"
    read: dict[str, dict[str, Any]] = yaml.safe_load(path.read_text("utf-8"))
    return read


@lru_cache
def placeholders(name: str) -> Mapping[str, Placeholder]:
    """The facts that a letter of this name has, by path."""
    groups = _groups(name)
    said = " ".join(tag for language in LANGUAGES for tag in TAG.findall(written(name, language)))
    found: dict[str, Placeholder] = {}
    for path, about in described().items():
        if about["group"] in groups or re.search(rf"(?<![\w.]){re.escape(path)}(?![\w.])", said):
            found[path] = Placeholder(path, about.get("kind", "value"), tuple(about.get("holds", ())))
    if "case" in groups:
        for need in sorted(needs_of(name)):
            found |= {one: Placeholder(one, "value") for one in (f"given.{need}.label", f"given.{need}.value")}
            found[f"given.{need}"] = Placeholder(f"given.{need}", "truth")
    return found


@lru_cache
def parts_for(name: str) -> frozenset[str]:
    """The common parts that this letter may take in, as `[[name]]`."""
    here = Path(__file__).parent / "texts" / LANGUAGES[0] / "parts"
    groups = _groups(name)
    out = OURS if "case" in groups else OURS | OF_CASE
    return frozenset(one.stem for one in here.glob("*.txt")) - (out if "trajectory" in groups else out | OF_TRAJECTORY)


def _groups(name: str) -> frozenset[str]:
    if name in ABOUT_MEETING:
        return frozenset({"always", "meeting"})
    if name in WITHOUT_CASE:
        return frozenset({"always"})
    texts = "".join(written(name, language) for language in LANGUAGES)
    placed = name in TRAJECTORY.letters() or "trajectory" in texts
    return frozenset({"always", "case", "trajectory"} if placed else {"always", "case"})


def needs_of(name: str) -> frozenset[str]:
    """What was filled in when this letter is owed: by the steps that send it, or that lead to where it is sent."""
    steps = [step for machine in MACHINES.values() for step in machine.steps.values() if _sends(machine, step, name)]
    return frozenset(need for step in steps for need in step.need_names)


def _sends(machine: Machine, step: Step, name: str) -> bool:
    entered = [machine.states[state] for state in step.moves.values() if state in machine.states]
    return any(one.letter == name for one in (*step.tell, *(tell for state in entered for tell in state.tell)))

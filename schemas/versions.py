"""The version of the process that a question runs under: the tables' rows and the city's rules, kept as they were.

What a version decides: the terms and what the clock does when they end, which closed days count for whom, the rules
of the committee and the mandate. The steps themselves are code of the release; a version keeps them to say what has
changed since.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import insert_once
from schemas.moment import now
from schemas.process import MACHINES
from schemas.rules import Due, Machine, Role, Tell

KEPT = ("committee", "mandate", "clocks")  # rules of a city that a question takes with it
_KNOWN: dict[str, "Rules"] = {}  # a version never changes, so each is read once per process


class ProcessVersion(SQLModel, table=True):
    """One version; `id` is made from its content, so that the same rules are the same version."""

    id: str = Field(primary_key=True)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    made_at: datetime = Field(default_factory=now)


@dataclass(frozen=True)
class Rules:
    """A version as the process reads it: terms by state, the city's rules by name."""

    data: Mapping[str, Any]
    made_at: datetime | None = field(default=None, compare=False)

    @cached_property
    def id(self) -> str:
        return sha256(json.dumps(self.data, sort_keys=True).encode()).hexdigest()[:12]

    @cached_property
    def dues(self) -> Mapping[tuple[str, str], tuple[Due, ...]]:
        """What the clock does, by machine and state."""
        return {
            (machine, name): tuple(_due(row) for row in state["due"])
            for machine, found in self.data["machines"].items()
            for name, state in found["states"].items()
        }

    def due(self, machine: str, state: str) -> tuple[Due, ...]:
        """What the clock does in a state; nothing in one that this version does not know."""
        return self.dues.get((machine, state), ())

    def city(self, name: str) -> Any:
        """A rule of the city, such as `committee`; empty when it has none."""
        return self.data["city"].get(name) or {}


def rules_of(city: Mapping[str, Any]) -> Rules:
    """The version that this release makes of a city's own form (`Cooperation.data`)."""
    machines = {name: _machine(machine, city.get("terms", {})) for name, machine in MACHINES.items()}
    kept = {name: city.get(name) for name in KEPT}
    # Once through JSON, so that what was just made and what was read back are the same.
    return Rules(json.loads(json.dumps({"machines": machines, "city": kept})))


async def keep(session: AsyncSession, rules: Rules) -> str:
    """Store a version unless it is there already; its id."""
    await insert_once(session, ProcessVersion, id=rules.id, data=rules.data, made_at=now())
    return rules.id


async def learn(session: AsyncSession, *named: str | None) -> None:
    """Read the versions that this process has not seen yet, if one of those named is among them."""
    if {one for one in named if one} <= _KNOWN.keys():
        return
    ids = set(await session.exec(select(ProcessVersion.id))) - _KNOWN.keys()
    for row in await session.exec(select(ProcessVersion).where(col(ProcessVersion.id).in_(ids))) if ids else ():
        _KNOWN[row.id] = Rules(row.data, row.made_at)


def consider(rules: Rules) -> None:
    """Let a version be known that has not been stored, for a dry run."""
    _KNOWN.setdefault(rules.id, rules)


def known(version: str | None, otherwise: str | None, city: Mapping[str, Any]) -> Rules:
    """The version with this id; else the cooperation's own; before any was made, what the city's form says."""
    return _KNOWN.get(version or "") or _KNOWN.get(otherwise or "") or rules_of(city)


def _machine(machine: Machine, terms: Mapping[str, list[str]]) -> dict[str, Any]:
    states = {}
    for name, state in machine.states.items():
        own = terms.get(name, [])
        due = [asdict(row) | {"at": own[n] if n < len(own) else row.at} for n, row in enumerate(state.due)]
        states[name] = {"waits_for": state.waits_for, "due": due, "letters": [tell.letter for tell in state.tell]}
    steps = {
        name: {"moves": dict(step.moves), "by": step.by, "needs": step.needs, "when": step.when,
               "letters": [tell.letter for tell in step.tell]}
        for name, step in machine.steps.items()
    }  # fmt: skip
    return {"states": states, "steps": steps}


def _due(row: Mapping[str, Any]) -> Due:
    tell = row["tell"]
    told = Tell(tell["letter"], tuple(Role(role) for role in tell["to"]), tell["when"]) if tell else None
    return Due(**{**row, "tell": told})

"""How somebody wants their mail: each kind at once, gathered or not at all, and their quiet hours.

It stands in the person's own row, which everybody who owes them a letter has in hand: asking it costs no query.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from schemas.clock import Calendar
from schemas.kinds import CHOICES, NEVER, NOW, OPTIONAL, How, Kind
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.quiet import Quiet, next_digest, opening

HOUR = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
QUIET = ("city", "own", "none")  # whose quiet hours hold
City = Mapping[str, Any]


def how_for(person: Person, kind: Kind) -> How:
    """What they chose for letters of a kind, or what holds for whoever chose nothing."""
    chosen = person.mail.get(kind)
    return How(chosen) if chosen in CHOICES[kind].may else CHOICES[kind].otherwise


def quiet_for(person: Person, city: City) -> Quiet:
    """Their own quiet hours, else the city's."""
    own = person.mail.get("quiet")
    return Quiet.of(city if own is None else own)


def leaves_at(person: Person, kind: Kind, at: datetime, city: City, days: Calendar) -> datetime:
    """From when on a letter of this kind may go to them, when it is owed now."""
    how = how_for(person, kind)
    if kind not in OPTIONAL or how is NEVER:
        return at
    return opening(at if how is NOW else next_digest(at, how, city, days), quiet_for(person, city), days)


@dataclass(frozen=True)
class Wishes:
    """What somebody asks for, checked. `quiet`: None for the city's hours, {} for none."""

    kinds: Mapping[Kind, How]
    quiet: Mapping[str, Any] | None


def read_wishes(given: Mapping[str, Any]) -> Wishes:
    """From a form or a program. Raises FaultyNeeds with every fault."""
    faults, kinds = [], {}
    for kind in OPTIONAL:
        chosen = str(given.get(kind) or "")
        if chosen and chosen not in CHOICES[kind].may:
            faults.append(Fault(kind, "not_a_choice"))
        elif chosen:
            kinds[kind] = How(chosen)
    whose = str(given.get("quiet") or QUIET[0])
    if whose not in QUIET:
        faults.append(Fault("quiet", "not_a_choice"))
    hours = {name: _hour(str(given.get(name) or ""), name, faults) for name in ("quiet_from", "quiet_until")
             if whose == "own"}  # fmt: skip
    if faults:
        raise FaultyNeeds(faults)
    own = hours | {"closed_days": bool(given.get("closed_days"))} if whose == "own" else {}
    return Wishes(kinds, None if whose == "city" else own)


def _hour(typed: str, name: str, faults: list[Fault]) -> str:
    found = HOUR.fullmatch(typed.strip())
    if not found:
        faults.append(Fault(name, "not_a_time" if typed.strip() else "missing"))
        return ""
    return time(int(found[1]), int(found[2])).isoformat("minutes")

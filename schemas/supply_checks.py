"""Whether what was filled in of an offering or an edition holds together, and names what there is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.city_form import ANY
from schemas.needs import Fault, FaultyNeeds, check, model_of
from schemas.supply_form import EDITION, FIELDS, LIMIT, PAIRS, REQUIRED, Flat

OFFERING_MODEL = model_of(FIELDS, REQUIRED, "OfferingFacts")
EDITION_MODEL = model_of(EDITION, frozenset(), "EditionFacts")
LIMIT_MODEL = model_of(LIMIT, frozenset(), "OfferLimitFacts")


@dataclass(frozen=True)
class Known:
    """The names that an institution's offerings may use."""

    units: Collection[str]
    periods: Collection[str]
    disciplines: Collection[str]


def check_offering(known: Known, given: Mapping[str, Any]) -> Flat:
    """The facts of an offering, as JSON values. Raises FaultyNeeds with every fault."""
    faults: list[Fault] = []
    clean: Flat = {}
    try:
        clean = check(OFFERING_MODEL, given)
    except FaultyNeeds as error:
        faults = error.faults
    for low, high in PAIRS.values():
        clean = _both(clean, low, high)
        if clean.get(high, 0) < clean.get(low, 0):
            faults.append(Fault(high, "too_small", str(clean[low])))
    faults += [Fault(name, "unknown") for name in _strange(known, clean)]
    if ("contact_name" in clean) != ("contact_email" in clean) and not faults:
        faults.append(Fault("contact_email" if "contact_name" in clean else "contact_name", "missing"))
    if clean.get("until", "9") < clean.get("since", ""):
        faults.append(Fault("until", "before_start"))
    if faults:
        raise FaultyNeeds(faults)
    return clean


def _both(clean: Flat, low: str, high: str) -> Flat:
    """Who fills in one end of a range means exactly that many."""
    if low in clean and high not in clean:
        return clean | {high: clean[low]}
    return clean | {low: clean[high]} if high in clean and low not in clean else clean


def _strange(known: Known, clean: Flat) -> list[str]:
    lists = {"periods": {*known.periods, ANY}, "disciplines": {*known.disciplines}}
    found = [name for name, may in lists.items() if not may.issuperset(clean.get(name, ()))]
    return found + (["unit"] if clean.get("unit") and clean["unit"] not in known.units else [])


def check_edition(given: Mapping[str, Any]) -> Flat:
    """What was filled in of an edition, as JSON values. Raises FaultyNeeds."""
    clean = check(EDITION_MODEL, given)
    faults = []
    if clean.get("ends_on", "9") < clean.get("starts_on", ""):
        faults.append(Fault("ends_on", "before_start"))
    if clean.get("hand_in_by", "") > clean.get("starts_on", "9"):
        faults.append(Fault("hand_in_by", "after_start"))
    if faults:
        raise FaultyNeeds(faults)
    return clean


def check_limit(given: Mapping[str, Any]) -> int | None:
    """How many offers at once; None is no limit. Raises FaultyNeeds."""
    limit: int | None = check(LIMIT_MODEL, given).get("open_offers")
    return limit

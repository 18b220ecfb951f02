"""What can be filled in of an offering and of an edition: one row per field, for pages, API, import and export."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from schemas.city_form import ANY, Kind, Level
from schemas.needs import Fault, FaultyNeeds, Need, check, model_of
from schemas.parties import Offering

Flat = dict[str, Any]
FIELDS: Mapping[str, Need] = {
    "id": Need("line", max=80),
    "name_nl": Need("line", max=150),
    "name_en": Need("line", max=150),
    "kind": Need("choice", get_args(Kind)),
    "level": Need("choice", get_args(Level)),
    "unit": Need("pick", source="units"),
    "languages": Need("several", ("nl", "en", "de"), max=3),
    "disciplines": Need("several", source="disciplines", max=20),
    "form": Need("line"),
    "weeks_min": Need("whole", max=104),
    "weeks_max": Need("whole", max=104),
    "group_min": Need("whole", max=1000),
    "group_max": Need("whole", max=1000),
    "seats": Need("whole", max=1000),
    "periods": Need("several", source="periods", max=30),
    "hand_in_weeks": Need("whole", max=104),
    "contact_name": Need("line"),
    "contact_email": Need("email"),
    "description_nl": Need("text", max=2000),
    "description_en": Need("text", max=2000),
    "keywords_nl": Need("words", max=60),
    "keywords_en": Need("words", max=60),
    "since": Need("date"),
    "until": Need("date"),
}
REQUIRED = frozenset({"name_nl", "name_en", "kind", "level", "languages", "periods"})
EDITION: Mapping[str, Need] = {
    "starts_on": Need("date"),
    "ends_on": Need("date"),
    "hand_in_by": Need("date"),
    "seats": Need("whole", max=1000),
    "open": Need("choice", ("yes", "no")),
}
LIMIT: Mapping[str, Need] = {"open_offers": Need("whole", max=1000)}
OFFERING_MODEL = model_of(FIELDS, REQUIRED, "OfferingFacts")
EDITION_MODEL = model_of(EDITION, frozenset(), "EditionFacts")
LIMIT_MODEL = model_of(LIMIT, frozenset(), "OfferLimitFacts")
PAIRS = {"weeks": ("weeks_min", "weeks_max"), "group_size": ("group_min", "group_max")}
OF_LANGUAGE = {"description": ("nl", "en"), "keywords": ("nl", "en"), "contact": ("name", "email")}


@dataclass(frozen=True)
class Known:
    """The names that an institution's offerings may use."""

    units: Collection[str]
    periods: Collection[str]
    disciplines: Collection[str]


def flat(offering: Offering) -> Flat:
    """The facts of an offering, one per field; what is not known is left out."""
    data = offering.data
    values: Flat = {name: data.get(name) for name in FIELDS} | {
        name: getattr(offering, name) for name in ("id", "name_nl", "name_en", "kind", "level")
    }
    for name, fields in PAIRS.items():
        values |= dict(zip(fields, data.get(name) or (None, None), strict=True))
    for name, parts in OF_LANGUAGE.items():
        values |= {f"{name}_{part}": (data.get(name) or {}).get(part) for part in parts}
    return {name: value for name, value in values.items() if value is not None and value not in ("", [])}


def put(offering: Offering, facts: Flat) -> None:
    """Write facts as `flat` gives them; what a form does not ask, such as `joint_with`, stays."""
    for name in ("name_nl", "name_en", "kind", "level"):
        setattr(offering, name, facts[name])
    data = {name: value for name, value in offering.data.items() if name not in {*FIELDS, *PAIRS, *OF_LANGUAGE}}
    simple = FIELDS.keys() - {"id", "name_nl", "name_en", "kind", "level"}
    data |= {name: facts[name] for name in simple & facts.keys()}
    for name, fields in PAIRS.items():
        found = [data.pop(field, None) for field in fields]
        if found[0] is not None:
            data[name] = found
    for name, parts in OF_LANGUAGE.items():
        of = {part: data.pop(f"{name}_{part}", None) for part in parts}
        if any(of.values()):
            data[name] = {part: value for part, value in of.items() if value}
    offering.data = data


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

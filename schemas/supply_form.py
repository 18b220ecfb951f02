"""What can be filled in of an offering and of an edition: one row per field, for pages, API, import and export."""

from collections.abc import Mapping
from typing import Any, get_args

from schemas.city_form import Kind, Level
from schemas.needs import Need
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
PAIRS = {"weeks": ("weeks_min", "weeks_max"), "group_size": ("group_min", "group_max")}
OF_LANGUAGE = {"description": ("nl", "en"), "keywords": ("nl", "en"), "contact": ("name", "email")}


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

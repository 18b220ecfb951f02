"""From the body of a new question to the form: nested people, names for ids, truth values for words."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.sight import Reader
from schemas.form import FIELDS, OPTIONAL, check_form
from schemas.needs import Fault, FaultyNeeds, model_of, storable
from schemas.parties import Cooperation, Organisation
from schemas.words import languages, word

Given = Mapping[str, Any]
PEOPLE = ("owner", "deputy", "manager")
PARTS = ("name", "email")
DERIVED = {f"{role}_{part}" for role in ("submitter", *PEOPLE) for part in PARTS} | {"owner_is_me"}
PLAIN = FIELDS.keys() - DERIVED


async def form_from(session: AsyncSession, cooperation: Cooperation, reader: Reader, body: Given) -> dict[str, Any]:
    """The form that this body means, asked by this reader. Raises FaultyNeeds: all faults, in the body's names."""
    faults = [Fault(_printed(name), "not_asked") for name in body if name not in {*PLAIN, *PEOPLE}]
    form = {name: _word(name, body[name]) for name in PLAIN if name in body}
    form |= {"submitter_name": reader.person.name, "submitter_email": reader.person.email}
    for role in PEOPLE:
        form |= _person(role, body.get(role), faults)
    form["owner_is_me"] = (
        "yes" if _same(form.get("owner_email"), reader.person.email) or not body.get("owner") else "no"
    )
    form["city"] = await _city(session, form.get("city"), faults)
    form["challenge"] = _challenge(cooperation, form.get("challenge"), faults)
    named = {fault.field for fault in faults}
    try:
        check_form(form)
    except FaultyNeeds as error:
        found = [Fault(_dotted(fault.field), fault.code, fault.limit) for fault in error.faults]
        faults += [fault for fault in found if not {fault.field, fault.field.split(".")[0]} & named]
    if faults:
        raise FaultyNeeds(faults)
    return form


def _printed(name: str) -> str:
    return name.encode(errors="replace").decode()


def _word(name: str, value: Any) -> Any:
    # A program may count hours where a person chooses a word.
    counted = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if counted and FIELDS[name].kind == "suggest" else value


def _person(role: str, given: Any, faults: list[Fault]) -> dict[str, Any]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        faults.append(Fault(role, "wrong"))
        return {}
    faults += [Fault(_printed(f"{role}.{name}"), "not_asked") for name in given if name not in PARTS]
    return {f"{role}_{part}": given.get(part) for part in PARTS}


def _same(one: Any, other: str) -> bool:
    return isinstance(one, str) and one.strip().lower() == other.lower()


def _dotted(field: str) -> str:
    role, _, part = field.rpartition("_")
    return f"{role}.{part}" if field in DERIVED and role else field


async def _city(session: AsyncSession, given: Any, faults: list[Fault]) -> Any:
    rows = await session.exec(select(Organisation).where(Organisation.kind == "municipality"))
    return _chosen("city", given, ((row.id, (row.id, row.name_nl, row.name_en)) for row in rows), faults)


def _challenge(cooperation: Cooperation, given: Any, faults: list[Fault]) -> Any:
    rows = [(one["id"], tuple(one.values())) for one in cooperation.data.get("challenges", [])]
    unknown = ("unknown", *(word(language, "extra.challenge.unknown") for language in languages()))
    return _chosen("challenge", given, [*rows, ("unknown", unknown)], faults)


def _chosen(field: str, given: Any, rows: Iterable[tuple[str, Iterable[object]]], faults: list[Fault]) -> Any:
    if not isinstance(given, str) or not given.strip() or not storable(given):
        return given
    wanted = " ".join(given.split()).casefold()
    for key, names in rows:
        if wanted in {str(name).casefold() for name in names}:
            return key
    faults.append(Fault(field, "unknown"))
    return given


def body_schema() -> dict[str, Any]:
    """The body as JSON Schema, from the rows of the form."""
    schema = model_of(
        {name: FIELDS[name] for name in FIELDS if name in PLAIN}, frozenset(PLAIN - OPTIONAL)
    ).model_json_schema()
    person = {"type": "object", "required": [*PARTS], "additionalProperties": False, "properties": {
        "name": {"type": "string", "maxLength": 200}, "email": {"type": "string", "format": "email"}}}  # fmt: skip
    schema["properties"] |= {
        "owner": person | {"description": "Who has the question; left out when that is you."},
        "deputy": person | {"description": "Who stands in for the owner."},
        "manager": person | {"description": "Who is told when the owner does not answer; may be left out."},
    }
    for name in ("confidential", "manager_agrees"):
        choices = schema["properties"][name].pop("enum")
        schema["properties"][name] = {
            "enum": [*choices, True, False],
            "description": "Truth values stand for yes and no.",
        }
    schema["properties"]["city"]["description"] = "The id or the name of a municipality."
    schema["properties"]["challenge"]["description"] = "The id or the name of a challenge, or `unknown`."
    schema["required"].append("deputy")
    return schema | {"title": "NewQuestion"}

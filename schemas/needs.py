"""What a step may ask: one row per need. Form fields, JSON Schema and checks all come from these rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    StringConstraints,
    ValidationError,
    create_model,
)

from schemas.rules import Step

SCORES = ("relevance", "learning", "openness", "feasibility", "use")
WAYS = ("next_term", "other_institution", "other_form", "stop")
ROUTES = ("programme", "minor", "challenge", "thesis", "internship", "research", "any")
VOTES = ("accept", "reject", "redirect", "hold", "abstain", "conflict")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing asked. `kind` chooses widget, type and check; `source` names the list that choices come from."""

    kind: str
    choices: tuple[str, ...] = ()
    source: str = ""
    max: int = 200


NEEDS: Mapping[str, Need] = {
    "note": Need("text", max=2000),
    "answer": Need("text", max=4000),
    "reason": Need("text", max=2000),
    "alternative": Need("text", max=2000),
    "explanation": Need("text", max=2000),
    "scores": Need("scores", SCORES),
    "advice": Need("choice", VOTES[:4]),
    "vote": Need("choice", VOTES),
    "meeting": Need("pick", source="meetings"),
    "ballots": Need("ballots", VOTES),
    "route": Need("choice", ROUTES),
    "target": Need("pick", source="targets"),
    "until": Need("date", source="future"),
    "resume_on": Need("date", source="future"),
    "working_days": Need("whole", max=60),
    "other_question": Need("line", source="questions"),
    "parts": Need("lines", max=6),
    "lead": Need("pick", source="institutions"),
    "owner_name": Need("line"),
    "owner_email": Need("email"),
    "contact_name": Need("line"),
    "contact_email": Need("email"),
    "deputy_name": Need("line"),
    "deputy_email": Need("email"),
    "used": Need("choice", ("yes", "partly", "not_yet", "no")),
    "how": Need("text", max=2000),
    "institution": Need("pick", source="institutions"),
    "offering": Need("pick", source="offerings"),
    "instead_of": Need("pick", source="offerings"),
    "term": Need("pick", source="terms"),
    "overbook": Need("choice", ("yes", "no")),
    "message": Need("text", max=2000),
    "relay_from": Need("pick", source="trajectories"),
    "answer_by": Need("date", source="future"),
    "candidates": Need("several", source="editions", max=8),
    "order": Need("choice", ("in_order", "at_once")),
    "others": Need("choice", ("retract", "keep")),
    "by_itself": Need("choice", ("yes", "no")),
    "answer_days": Need("whole", max=60),
    "lecturer_name": Need("line"),
    "lecturer_email": Need("email"),
    "scope": Need("text", max=2000),
    "product": Need("line", max=400),
    "contacts": Need("line", max=400),
    "ip": Need("choice", ("students", "institution", "city", "shared")),
    "confidentiality": Need("choice", ("open", "summary_only", "confidential")),
    "privacy": Need("choice", ("no_personal_data", "with_agreement")),
    "costs": Need("line", max=400),
    "publishing": Need("choice", ("full", "summary_only", "after_embargo", "not")),
    "students_expected": Need("whole", max=1000),
    "progress": Need("choice", ("on_track", "adjust", "at_risk")),
    "cause": Need("choice", ("no_students", "course_cancelled", "stopped")),
    "way": Need("choice", WAYS),
    "summary": Need("text", max=3000),
    "links": Need("urls", max=10),
    "students_mbo": Need("whole", max=1000),
    "students_hbo": Need("whole", max=1000),
    "students_wo": Need("whole", max=1000),
    "hours": Need("whole", max=100_000),
    "ec": Need("number", max=60),
    "student_name": Need("line"),
    "student_email": Need("email"),
    "intended_use": Need("text", max=2000),
    "useful": Need("choice", ("5", "4", "3", "2", "1")),
    "contact_good": Need("choice", ("5", "4", "3", "2", "1")),
    "again": Need("choice", ("yes", "maybe", "no")),
    "clearance": Need("choice", ("ok", "summary_only", "embargo")),
    "embargo_until": Need("date", source="future"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field. `code` is a key of `faults` in the words."""

    field: str
    code: str
    limit: str = ""


class FaultyNeeds(Exception):  # noqa: N818 - it is the needs that are faulty
    """What was given cannot be used; every fault at once."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(", ".join(f"{fault.field}: {fault.code}" for fault in faults))
        self.faults = faults


def _lines(value: Any) -> Any:
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


def _items(value: Any) -> Any:
    """A cell or a text area with one thing per line, or with semicolons between; nothing twice."""
    value = re.split(r"[;\n]", value) if isinstance(value, str) else value
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return value
    return list(dict.fromkeys(" ".join(one.split()) for one in value if one.strip()))


def _text_of(value: Any) -> Any:
    # A machine may send a number or a truth value where a form sends a word.
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else value


def _type(need: Need) -> Any:
    text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=need.max)]
    score = Literal["0", "1", "2", "3"]
    types: dict[str, Any] = {
        "email": EmailStr,
        "date": date,
        "whole": Annotated[int, Field(ge=0, le=need.max)],
        "number": Annotated[float, Field(ge=0, le=need.max, allow_inf_nan=False)],
        "lines": Annotated[list[Annotated[str, StringConstraints(min_length=3, max_length=200)]],
                           BeforeValidator(_lines), Field(min_length=2, max_length=need.max)],
        "urls": Annotated[list[HttpUrl], BeforeValidator(_lines), Field(max_length=need.max)],
    }  # fmt: skip
    if need.kind in ("several", "words"):
        one: Any = Literal[need.choices] if need.choices else Annotated[str, StringConstraints(max_length=100)]
        return Annotated[list[one], BeforeValidator(_items), Field(min_length=1, max_length=need.max)]
    if need.kind == "choice":
        return Annotated[Literal[need.choices], BeforeValidator(_text_of)]
    if need.kind == "ballots":  # by the number of a member
        choice: Any = Annotated[Literal[need.choices], BeforeValidator(_text_of)]
        note: Any = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
        ballot = create_model("Ballot", __config__=ConfigDict(extra="forbid"), vote=(choice, ...), reason=(note, ""))
        return dict[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")], ballot]
    if need.kind == "scores":
        fields: dict[str, Any] = {name: (Annotated[score, BeforeValidator(_text_of)], ...) for name in need.choices}
        return create_model("Scores", __config__=ConfigDict(extra="forbid"), **fields)
    return types.get(need.kind, text)


def model_of(needs: Mapping[str, Need], required: frozenset[str], name: str = "Needs") -> type[BaseModel]:
    """A pydantic model with one field per need; unknown fields are refused."""
    fields: dict[str, Any] = {
        key: (_type(need), ...) if key in required else (_type(need) | None, None) for key, need in needs.items()
    }
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


@lru_cache
def _model(needs: str) -> type[BaseModel]:
    step = Step({}, (), needs)
    return model_of({name: NEEDS[name] for name in step.need_names}, step.required)


def json_schema(step: Step) -> dict[str, Any]:
    """What a step needs, as JSON Schema."""
    return _model(step.needs).model_json_schema()


def check_needs(step: Step, given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, as JSON values without the empty ones. Raises FaultyNeeds."""
    return check(_model(step.needs), given)


def check(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """As `check_needs`, for any model of needs. Empty strings and empty lists count as not given."""
    filled = {key: value for key, value in given.items() if value not in ("", None, [], {})}
    strange = [key for key, value in filled.items() if not storable([key, value])]
    faults = [Fault(key.encode(errors="replace").decode(), "not_accepted") for key in strange]
    # A strange text has its own fault: in its place stands nothing, so that only the other fields are judged.
    sound = {key: value for key, value in filled.items() if key not in strange}
    try:
        clean = model.model_validate(sound).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        found = [_fault(one) for one in error.errors()]
        raise FaultyNeeds([*faults, *(one for one in found if one.field not in strange)]) from None
    if faults:
        raise FaultyNeeds(faults)
    return clean


def storable(value: Any) -> bool:
    """Whether every text in a value can be kept: no NUL, which PostgreSQL refuses, and no half of a surrogate pair."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str) and ("\x00" in one or any("\ud800" <= sign <= "\udfff" for sign in one)):
            return False
        if isinstance(one, Mapping):
            left += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            left += one
    return True


CODES = {
    "missing": "missing", "string_too_short": "missing", "string_too_long": "too_long", "literal_error": "not_a_choice",
    "extra_forbidden": "not_asked", "greater_than_equal": "too_small", "less_than_equal": "too_large",
    "too_short": "too_few", "too_long": "too_many", "int_parsing": "not_a_number", "float_parsing": "not_a_number",
    "int_from_float": "not_a_number", "url_parsing": "not_a_link", "url_scheme": "not_a_link",
}  # fmt: skip


def _fault(error: Any) -> Fault:
    kind, context = error["type"], error.get("ctx", {})
    code = CODES.get(kind) or (
        "not_a_date" if kind.startswith("date") else "not_an_email" if kind == "value_error" else "wrong"
    )
    limit = next((str(context[key]) for key in ("max_length", "min_length", "le", "ge") if key in context), "")
    field = str(error["loc"][0])
    if len(error["loc"]) > 1 and isinstance(error["loc"][1], str):
        field += "." + error["loc"][1]
    return Fault(field, code, limit)

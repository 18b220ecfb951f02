"""Faults as the API tells them: the field by its name in the request, a code, a sentence."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from schemas.needs import CODES, Fault
from schemas.words import words


def told(language: str, fault: Fault) -> dict[str, str]:
    """`{field, code, message}`, the message in the reader's language."""
    message = str(words(language)["faults"][fault.code]).format(limit=fault.limit)
    return {"field": fault.field, "code": fault.code, "message": message}


def not_asked(given: Iterable[str], known: Collection[str]) -> list[Fault]:
    """A fault for each name of a body that it should not have, printable whatever was sent."""
    return [Fault(name.encode(errors="replace").decode(), "not_asked") for name in given if name not in known]


def of_request(error: Mapping[str, Any]) -> Fault:
    """What FastAPI found wrong with a parameter or with the body as a whole."""
    kind, place = str(error["type"]), [part for part in error["loc"] if isinstance(part, str)]
    code = CODES.get(kind) or ("not_a_date" if kind.startswith("date") else "wrong")
    context = error.get("ctx", {})
    limit = next((str(context[key]) for key in ("max_length", "min_length", "le", "ge") if key in context), "")
    return Fault(place[-1] if place else "body", code, limit)

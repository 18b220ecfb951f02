"""What the API says when something is wrong: application/problem+json (RFC 9457), in the person's language."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from intake.access import NotForYou
from intake.api.faults import of_request, told
from intake.language import language_of
from schemas.database import UNREACHABLE
from schemas.needs import Fault, FaultyNeeds
from schemas.references import plausible
from schemas.steps import NotYours, SameEyes, UnknownStep

PREFIX = "/api/"
VERSION = "1.0.0"
HEADERS = {"API-Version": VERSION, "Cache-Control": "no-store"}
KINDS = {401: "unauthenticated", 403: "not-yours", 404: "not-found", 405: "method", 503: "unavailable"}
LOG = logging.getLogger(__name__)
Handler = Callable[[Request, Any], Response | Awaitable[Response]]


class Refused(Exception):  # noqa: N818
    """The API will not do this. `kind` is a key of problems.yaml; `extra` goes into the answer as it is."""

    def __init__(self, kind: str, status: int, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(kind)
        self.kind, self.status, self.headers, self.extra = kind, status, headers or {}, extra


def no_such(ref: str) -> Refused:
    """Nothing has this reference; says so when the check character shows a typing error."""
    return Refused("not-found" if plausible(ref) else "typing-error", 404, ref=ref)


@lru_cache
def texts() -> dict[str, dict[str, dict[str, str]]]:
    """The words of every problem, per language."""
    loaded: dict[str, dict[str, dict[str, str]]] = yaml.safe_load(
        Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    )
    return loaded


def speaks(request: Request) -> str:
    """The language of whoever is asking, as far as it is known by now."""
    return str(getattr(request.state, "language", "") or language_of(request, None))


def problem(
    request: Request, kind: str, status: int, headers: Mapping[str, str] | None = None, **extra: Any
) -> JSONResponse:
    """One problem as an answer. `typing-error` is a not-found that knows why."""
    words = texts().get(speaks(request), texts()["en"])[kind]
    content = {
        "type": "/api#" + ("not-found" if kind == "typing-error" else kind),
        "title": words["title"],
        "status": status,
        "detail": words["detail"].format_map({"ref": request.url.path} | extra),
        "instance": request.url.path,
        **extra,
    }
    return JSONResponse(content, status, {**HEADERS, **(headers or {})}, "application/problem+json")


def faulty(request: Request, faults: list[Fault]) -> JSONResponse:
    """Every fault at once, each with its field, its code and a sentence."""
    return problem(request, "faulty", 400, faults=[told(speaks(request), fault) for fault in faults])


async def answer(request: Request, error: Exception) -> Response:
    """The problem that this error is."""
    if isinstance(error, Refused):
        return problem(request, error.kind, error.status, error.headers, **error.extra)
    if isinstance(error, FaultyNeeds):
        return faulty(request, error.faults)
    if isinstance(error, RequestValidationError):
        return faulty(request, [of_request(one) for one in error.errors()])
    if isinstance(error, UnknownStep):
        return faulty(request, [Fault("step", "unknown")])
    if isinstance(error, SameEyes):
        return problem(request, "same-eyes", 403)
    if isinstance(error, NotForYou | NotYours):
        return problem(request, "not-yours", 403)
    if isinstance(error, UNREACHABLE):
        LOG.warning("The database does not answer: %s", error)
        return problem(request, "unavailable", 503, {"Retry-After": "5"})
    if isinstance(error, HTTPException):
        return _of_http(request, error)
    return problem(request, "broken", 500)


def _of_http(request: Request, error: HTTPException) -> Response:
    if error.status_code == 400:  # a body that is no JSON at all
        return faulty(request, [Fault("body", "wrong")])
    return problem(request, KINDS.get(error.status_code, "refused"), error.status_code, error.headers)


def install(app: FastAPI) -> None:
    """Have everything under /api/ answer with problems; elsewhere the handlers that are there already go on."""
    others = (
        Refused, FaultyNeeds, RequestValidationError, UnknownStep, NotForYou, SameEyes, NotYours, HTTPException,
        Exception,
    )  # fmt: skip
    for kind in (*UNREACHABLE, *others):
        app.add_exception_handler(kind, _before(app.exception_handlers.get(kind)))


def _before(other: Handler | None) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(PREFIX):
            return await answer(request, error)
        if other is None:
            raise error
        said = other(request, error)
        return said if isinstance(said, Response) else await said

    return handle

"""What is said when something is wrong: where the person is, in their language, with a way on."""

import logging
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from intake.access import NotForYou, SignInNeeded, find_reader
from intake.pages import page
from schemas.database import UNREACHABLE
from schemas.references import normal, plausible
from schemas.steps import MovedOn, NotYours, SameEyes, UnknownStep

LOG = logging.getLogger(__name__)


class NotFound(Exception):  # noqa: N818
    """There is nothing here; `what` is question, trajectory, draft, link, letter or page."""

    def __init__(self, what: str, ref: str = "") -> None:
        super().__init__(f"{what} {ref}".strip())
        self.what, self.ref = what, ref


class Elsewhere(Exception):  # noqa: N818
    """What was asked for has become something else, at another address."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def install(app: FastAPI) -> None:
    """Have the application answer with our pages, and the API with its problems."""
    app.add_exception_handler(SignInNeeded, sign_in_needed)
    app.add_exception_handler(Elsewhere, elsewhere)
    app.add_exception_handler(NotFound, not_found)
    app.add_exception_handler(SameEyes, same_eyes)
    for kind in (NotYours, NotForYou):
        app.add_exception_handler(kind, not_yours)
    app.add_exception_handler(MovedOn, moved_on)
    app.add_exception_handler(UnknownStep, not_found)
    app.add_exception_handler(HTTPException, http_fault)
    app.add_exception_handler(RequestValidationError, not_found)
    for away in UNREACHABLE:
        app.add_exception_handler(away, unreachable)
    app.add_exception_handler(Exception, broken)


async def _tell(request: Request, template: str, status: int, **context: Any) -> Response:
    return page(request, f"trouble/{template}.html", await find_reader(request), status=status, **context)


async def sign_in_needed(request: Request, _: Exception) -> Response:
    return RedirectResponse("/sign-in?" + urlencode({"next": request.url.path}), 303)


async def elsewhere(_: Request, error: Exception) -> Response:
    return RedirectResponse(getattr(error, "location", "/"), 303)


async def not_found(request: Request, error: Exception) -> Response:
    what, ref = getattr(error, "what", "page"), getattr(error, "ref", "")
    return await _tell(
        request, "not_found", 404, what=what, ref=normal(ref), typing_error=bool(ref) and not plausible(ref)
    )


async def not_yours(request: Request, _: Exception) -> Response:
    return await _tell(request, "not_yours", 403)


async def same_eyes(request: Request, _: Exception) -> Response:
    return await _tell(request, "same_eyes", 403)


async def moved_on(request: Request, error: Exception) -> Response:
    back = request.url.path.partition("/steps/")[0]
    return await _tell(request, "moved_on", 409, state=getattr(error, "state", ""), back=back)


async def http_fault(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 500)
    if status == 404:
        return await not_found(request, error)
    return await _tell(request, "refused", status, status_code=status)


async def unreachable(request: Request, error: Exception) -> Response:
    """The database does not answer: for now. Said without reading it."""
    LOG.warning("The database does not answer: %s", error)
    answer = page(request, "trouble/broken.html", None, status=503)
    answer.headers["Retry-After"] = "5"
    return answer


async def broken(request: Request, _: Exception) -> Response:
    """Something failed on our side. Says so without reading the database, which may be what failed."""
    return page(request, "trouble/broken.html", None, status=500)

"""The OpenAPI document: made from the routes, complete, and only about this API."""

from copy import deepcopy
from functools import lru_cache
from typing import Any

from fastapi import Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.routing import APIRouter

from intake.api.problems import HEADERS, VERSION
from intake.api.shapes import Problem

ABOUT = """Everything a page can do, a program can do too: ask a question, follow it, take the steps that are yours.

Dutch names and deviations from the NL API Design Rules: see docs/api.md. Errors are `application/problem+json`.
The answers are in the language of the person whose token it is; `?lang=en` or `?lang=nl` chooses another.
"""
OPEN = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
HEADER = {"description": "The version of this API.", "schema": {"type": "string", "example": VERSION}}


def describe(router: APIRouter) -> None:
    """Have a router tell what it offers at /openapi.json."""

    once = lru_cache(lambda: document(router))

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi(request: Request) -> JSONResponse:
        cooperation = request.app.state.cooperation
        contact = dict(cooperation.data.get("contact", {})) if cooperation else {}
        made = deepcopy(once())
        made["info"]["contact"] = {key: contact[key] for key in ("name", "email") if contact.get(key)}
        return JSONResponse(made, headers=HEADERS | OPEN)


def document(router: APIRouter) -> dict[str, Any]:
    """The OpenAPI document of a router's routes, without what differs per city."""
    made = get_openapi(
        title="Stadsvraag", version=VERSION, description=ABOUT, routes=router.routes, servers=[{"url": "/api/v1"}],
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )  # fmt: skip
    schemas = made["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= schemas["Problem"].pop("$defs")
    # What FastAPI would answer to a faulty request; here that is a 400.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operation in (one for path in made["paths"].values() for one in path.values()):
        operation["responses"].pop("422", None)
        for response in operation["responses"].values():
            response["headers"] = {"API-Version": HEADER}
        if "201" in operation["responses"]:
            location = {"description": "The address of what was made.", "schema": {"type": "string"}}
            operation["responses"]["201"]["headers"]["Location"] = location
    return made

"""The OpenAPI document is valid and complete, every status it names occurs, and answers are as it says."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.api import router
from intake.api.description import document
from schemas.database import writing
from schemas.references import with_check
from tests.cast import Cast, Somebody, needs_for
from tests.intake.api.conftest import ApiAs, Body
from tests.story import Story

JSON = {"Content-Type": "application/json"}
DOCUMENT = document(router)
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
CONTRACT = {
    "get /questions", "post /questions", "get /questions/{ref}", "post /questions/{ref}/steps",
    "get /questions/{ref}/entries", "get /questions/{ref}/letters", "get /questions/{ref}/matches",
    "get /questions/{ref}/clock", "get /trajectories/{ref}/clock",
    "post /questions/{ref}/votes", "post /questions/{ref}/trajectories", "get /trajectories/{ref}",
    "post /trajectories/{ref}/steps", "get /trajectories/{ref}/entries", "get /institutions", "get /offerings",
    "get /process",
}  # fmt: skip


def parts(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(one)


def at(pointer: str) -> Any:
    found: Any = DOCUMENT
    for key in pointer.removeprefix("#/").split("/"):
        found = found[key]
    return found


def test_it_is_a_valid_document() -> None:
    OpenAPI.model_validate(DOCUMENT)
    assert {f"{method} {path}" for method, path in OPERATIONS} == CONTRACT
    for part in parts(DOCUMENT):
        if isinstance(part.get("$ref"), str):
            assert at(part["$ref"])
        if isinstance(part.get("schema"), dict):
            Draft202012Validator.check_schema(part["schema"])
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_it_tells_what_each_call_is_for() -> None:
    for method, path in OPERATIONS:
        operation = DOCUMENT["paths"][path][method]
        assert operation["description"]
        assert "422" not in operation["responses"]
        assert (method == "post") == ("requestBody" in operation) == ("201" in operation["responses"])
        assert path == "/process" or operation["security"]


async def test_anybody_may_read_it(api_as: ApiAs, cast: Cast) -> None:
    api = await api_as(cast.dirk)
    api.headers.pop("authorization")
    answer = await api.get("openapi.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["paths"].keys() == DOCUMENT["paths"].keys()
    assert answer.json()["info"]["contact"]["email"] == "coordinatie@example.org"
    assert (await api.get("process")).status_code == 200


class Caller:
    """Calls every operation so that a wanted status comes of it."""

    def __init__(self, api_as: ApiAs, cast: Cast, body: Body, refs: Mapping[str, str]) -> None:
        self.api_as, self.cast, self.refs = api_as, cast, refs
        self.posts: dict[str, tuple[Somebody, dict[str, Any]]] = {
            "/questions": (cast.amira, body()),
            "/questions/{ref}/steps": (cast.bram, {"step": "accept", "needs": {"route": "any"}}),
            "/questions/{ref}/votes": (cast.eva, {"vote": "accept"}),
            "/questions/{ref}/trajectories": (cast.bram, needs_for("offer", cast)),
            "/trajectories/{ref}/steps": (cast.femke, {"step": "take_on"}),
        }

    async def call(self, method: str, path: str, status: int) -> httpx2.Response:
        person, sent = self.posts.get(path, (self.cast.bram, {})) if method == "post" else (self.cast.bram, {})
        api = await self.api_as(self.cast.dirk if status == 403 else person)
        ref = with_check("ES-2026-0999") if status == 404 else self.refs.get(path, self.refs["/questions/{ref}"])
        where = path.replace("{ref}", ref)[1:]
        headers = {"Authorization": ""} if status == 401 else {}
        if method == "get":
            return await api.get(where + ("?page=0" if status == 400 else ""), headers=headers)
        if status == 409:
            headers["Idempotency-Key"] = "k"
            await api.post(where, json=sent, headers=headers)
            return await api.post(where, content=json.dumps(sent, indent=1), headers=headers | JSON)
        return await api.post(where, json=[] if status == 400 else sent, headers=headers)


@pytest.fixture
async def caller(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story, body: Body) -> Caller:
    async with writing(engine) as session:
        screening, triage, matching = (
            await tell.screening(session), await tell.triage(session), await tell.matching(session),
        )  # fmt: skip
        offered = (await tell.offered(session)).ref
    refs = {"/questions/{ref}": screening.ref, "/questions/{ref}/votes": triage.ref,
            "/questions/{ref}/trajectories": matching.ref}  # fmt: skip
    refs |= {path: offered for _, path in OPERATIONS if path.startswith("/trajectories/")}
    return Caller(api_as, cast, body, {path: str(ref) for path, ref in refs.items()})


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_every_status_occurs_and_answers_are_as_told(method: str, path: str, caller: Caller) -> None:
    responses = DOCUMENT["paths"][path][method]["responses"]
    # Refusals first, as they change nothing; but too late comes last.
    for status in sorted(responses, key=lambda one: (one == "409", -int(one))):
        answer = await caller.call(method, path, int(status))
        assert str(answer.status_code) == status, answer.text
        kind = answer.headers["content-type"]
        schema = responses[status]["content"][kind]["schema"]
        Draft202012Validator(schema | {"components": DOCUMENT["components"]}).validate(answer.json())
        assert answer.headers["api-version"] == DOCUMENT["info"]["version"]
        assert ("location" in answer.headers) == (status == "201")

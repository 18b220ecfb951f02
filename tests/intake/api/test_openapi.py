"""The OpenAPI document is valid and complete, every status it names occurs, and answers are as it says."""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import httpx2
import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.api import router
from intake.api.description import document
from intake.texts.standing import release_of
from schemas.attachments import Attachment, attach
from schemas.database import writing
from schemas.moment import now
from schemas.notes import Note
from schemas.planning import plan
from schemas.received import Received
from schemas.references import with_check
from tests.cast import Cast, Somebody, day, needs_for
from tests.intake.api.conftest import ApiAs, Body
from tests.intake.files.making import pdf
from tests.source import ROOT
from tests.story import Story

LAB = {"name_nl": "Lab", "name_en": "Lab", "kind": "lab", "level": "wo", "languages": ["nl"], "periods": ["S1"]}
FRIENDLY = release_of("accepted")["nl"].replace("Goed nieuws", "Fijn nieuws")
JSON = {"Content-Type": "application/json"}
DOCUMENT = document(router)
OPERATIONS = [(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods]
KEEPS_NOTHING = ("/hints", "/texts/{name}/checks")
PLAN = {"day": "2027-01-12", "begins": "14:00", "ends": "15:30", "place": "Stadhuis"}
CONTRACT = {
    "get /questions", "post /questions", "get /questions/{ref}", "post /questions/{ref}/steps",
    "get /questions/{ref}/entries", "get /questions/{ref}/letters", "get /questions/{ref}/matches",
    "get /questions/{ref}/clock", "get /trajectories/{ref}/clock",
    "post /questions/{ref}/votes", "post /questions/{ref}/trajectories", "get /trajectories/{ref}",
    "post /trajectories/{ref}/steps", "get /trajectories/{ref}/entries", "get /institutions", "get /offerings",
    "get /process", "post /hints",
    "get /questions/{ref}/notes", "post /questions/{ref}/notes", "get /trajectories/{ref}/notes",
    "post /trajectories/{ref}/notes", "post /notes/{note_id}/corrections", "delete /notes/{note_id}",
    "get /questions/{ref}/files", "post /questions/{ref}/files", "get /trajectories/{ref}/files",
    "post /trajectories/{ref}/files", "post /notes/{note_id}/files", "get /files/{file_id}", "delete /files/{file_id}",
    "get /views", "post /views", "post /views/{number}", "delete /views/{number}", "post /steps",
    "get /steps/{number}",
    "get /mail", "get /mail/health", "post /letters/{number}/actions",
    "get /incidents", "post /incidents/actions",
    "get /questions/{ref}/replies", "get /received", "get /received/{number}", "post /received/{number}/actions",
    "delete /received/{number}",
    "get /me/mail", "post /me/mail",
    "get /offerings/{id}", "post /offerings/{id}/changes", "post /offerings/{id}/editions",
    "post /institutions/{id}/offerings", "post /institutions/{id}/copies", "post /institutions/{id}/limits",
    "get /board", "get /board/institutions", "get /questions/{ref}/offers",
    "get /meetings", "post /meetings", "get /meetings/{ref}",
    "get /texts", "get /texts/{name}", "post /texts/{name}/checks", "post /texts/{name}/drafts",
    "delete /texts/{name}/drafts", "post /texts/{name}/versions", "post /texts/{name}/trials",
    *(f"post /meetings/{{ref}}/{change}" for change in ("move", "cancel", "present", "close")),
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
        assert (method == "post") == ("requestBody" in operation)
        assert ("201" in operation["responses"]) == (method == "post" and path not in KEEPS_NOTHING)
        assert path == "/process" or operation["security"]


def test_the_guide_for_builders_names_every_address() -> None:
    guide = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    for path in DOCUMENT["paths"]:
        kind, last = path.split("/")[1], [part for part in path.split("/") if not part.startswith("{")][-1]
        assert f"/{kind}" in guide, path
        assert f"/{last}`" in guide or f"/{last} " in guide or f"/{last}/" in guide or f"/{last}?" in guide, path


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
            "/offerings/{id}/changes": (cast.femke, {"seats": 4}),
            "/offerings/{id}/editions": (cast.femke, {"term": "ut:2026/27:2A", "seats": 2}),
            "/institutions/{id}/offerings": (cast.femke, LAB),
            "/institutions/{id}/copies": (cast.femke, {"year": "2026/27"}),
            "/institutions/{id}/limits": (cast.femke, {"open_offers": 3}),
            **{f"/{kind}/{{ref}}/notes": (cast.bram, {"text": "Kijk.", "audience": "everyone"})
               for kind in ("questions", "trajectories")},
            "/notes/{note_id}/corrections": (cast.bram, {"text": "Kijk nog eens."}),
            "/views": (cast.bram, {"name": "Te laat", "query": "view=late"}),
            "/views/{number}": (cast.bram, {"name": "Veel te laat"}),
            "/steps": (cast.bram, {"step": "accept", "needs": {"route": "any"},
                                   "subjects": [str(refs["/questions/{ref}"])]}),
            "/letters/{number}/actions": (cast.bram, {"action": "withhold", "needs": {"reason": "Niet nodig."}}),
            "/incidents/actions": (cast.bram, {"action": "again"}),
            "/received/{number}/actions": (cast.bram, {"action": "aside"}),
            "/texts/{name}/checks": (cast.bram, {"texts": {"nl": "Te kort."}}),
            "/texts/{name}/drafts": (cast.bram, {"texts": {"nl": "Half af."}}),
            "/texts/{name}/versions": (cast.bram, {"texts": {"nl": FRIENDLY}, "why": "Vriendelijker.", "base": 0}),
            "/texts/{name}/trials": (cast.bram, {"language": "nl", "text": FRIENDLY}),
            "/me/mail": (cast.bram, {"told": "daily", "quiet": "none"}),
            "/meetings": (cast.bram, PLAN),
            "/meetings/{ref}/move": (cast.eva, PLAN | {"place": "Elders"}),
            "/meetings/{ref}/present": (cast.eva, {"present": [cast.lars.email]}),
        }  # fmt: skip

    async def call(self, method: str, path: str, status: int) -> httpx2.Response:
        person, sent = self.posts.get(path, (self.cast.bram, {})) if method == "post" else (self.cast.bram, {})
        if status == 403 and path == "/offerings/{id}":
            await (await self.api_as(self.cast.femke)).post("offerings/ut-htht/changes", json={"offered": False})
        person = self.cast.femke if path == "/offerings/{id}" else person
        api = await self.api_as(self.cast.dirk if status == 403 else person)
        ref = with_check("ES-2026-0999") if status == 404 else self.refs.get(path, self.refs["/questions/{ref}"])
        number = "99" if status == 404 else "1"
        where = path.replace("{ref}", ref).replace("{note_id}", number).replace("{file_id}", number)
        where = where.replace("{name}", "nothing" if status == 404 else "accepted")
        known = "ut" if path.startswith("/institutions") else "ut-htht"
        where = where.replace("{number}", number).replace("{id}", "nothing" if status == 404 else known)[1:]
        headers = {"Authorization": ""} if status == 401 else {}
        if path.endswith("/files") and method == "post":
            return await self.upload(api, where, status, headers)
        if method == "delete":
            return await api.delete(where, headers=headers)
        if method == "get":
            return await api.get(where + ("?page=0" if status == 400 else ""), headers=headers)
        if status == 409:
            headers["Idempotency-Key"] = "k"
            await api.post(where, json=sent, headers=headers)
            return await api.post(where, content=json.dumps(sent, indent=1), headers=headers | JSON)
        return await api.post(where, json=[] if status == 400 else sent, headers=headers)

    async def upload(
        self, api: httpx2.AsyncClient, where: str, status: int, headers: dict[str, str]
    ) -> httpx2.Response:
        """Send a file; the contents of one and of another under one key."""
        if status == 409:
            headers["Idempotency-Key"] = "k"
            await api.post(f"{where}?name=a.pdf", content=pdf("a"), headers=headers)
        return await api.post(f"{where}?name=a.pdf", content=b"" if status == 400 else pdf(), headers=headers)


@pytest.fixture
async def caller(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story, body: Body) -> Caller:
    async with writing(engine) as session:
        screening, triage, matching = (
            await tell.screening(session), await tell.triage(session), await tell.matching(session),
        )  # fmt: skip
        offered = (await tell.offered(session)).ref
        place = {"question_id": screening.id}
        session.add(Received(**place, digest="x", kind="reply", state="new", text="Kijk."))
        session.add(Note(**place, audience="everyone", actor_id=cast.bram.id, role="coordinator", text="Kijk."))
        content = pdf()
        file = Attachment(
            **place, name="a.pdf", type="application/pdf", size=len(content), sha256="", by_id=cast.bram.id
        )
        await attach(session, file, BytesIO(content))
        meeting = await plan(session, PLAN | {"day": day(30)}, cast.bram.id, now())
        meeting.begins_at = now()
    refs = {"/questions/{ref}": screening.ref, "/questions/{ref}/votes": triage.ref,
            "/questions/{ref}/trajectories": matching.ref}  # fmt: skip
    refs |= {path: offered for _, path in OPERATIONS if path.startswith("/trajectories/")}
    bram = await api_as(cast.bram)
    await bram.post("views", json={"name": "Nieuw", "query": "view=new"})
    await bram.post("steps", json={"step": "vote", "needs": {"vote": "abstain"}, "subjects": [str(triage.ref)]})
    refs |= {path: str(meeting.id) for _, path in OPERATIONS if path.startswith("/meetings/")}
    return Caller(api_as, cast, body, {path: str(ref) for path, ref in refs.items()})


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_every_status_occurs_and_answers_are_as_told(method: str, path: str, caller: Caller) -> None:
    responses = DOCUMENT["paths"][path][method]["responses"]
    # Refusals first, as they change nothing; but too late comes last.
    for status in sorted(responses, key=lambda one: (one == "409", -int(one))):
        answer = await caller.call(method, path, int(status))
        assert str(answer.status_code) == status, answer.text
        kind = answer.headers["content-type"]
        told = responses[status]["content"]
        schema = told["application/octet-stream" if kind == "application/pdf" else kind]["schema"]
        if kind != "application/pdf":
            Draft202012Validator(schema | {"components": DOCUMENT["components"]}).validate(answer.json())
        assert answer.headers["api-version"] == DOCUMENT["info"]["version"]
        assert ("location" in answer.headers) == (status == "201")

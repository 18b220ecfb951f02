"""The desk for programs: views with a name, and one step on many questions or trajectories."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language
from intake.api.faults import not_asked, told
from intake.api.once import Key
from intake.api.problems import HEADERS, Refused
from intake.api.shapes import FaultTold
from intake.api.stepping import step_in
from intake.desk import saved
from intake.desk.bulk import MOST, begin, rows_of, run
from intake.desk.bulk_pages import own as own_bulk
from intake.rows import reference
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.desk import Bulk, BulkRow, SavedView
from schemas.needs import Fault, FaultyNeeds, check_needs
from schemas.process import MACHINES
from schemas.steps import UnknownStep

router = APIRouter(tags=["desk"], responses=refusals(401))
Number = Annotated[int, Path(ge=1, lt=2**31)]
NAME = {"type": "string", "description": f"At most {saved.LONGEST} signs, of one's own."}
QUERY = {"type": "string", "description": "As in `view=late&sort=due`."}
SUBJECTS = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST,
            "description": "References of questions or of trajectories."}  # fmt: skip


def _body(title: str, required: Sequence[str], **properties: Any) -> dict[str, Any]:
    return {"title": title, "type": "object", "required": list(required), "additionalProperties": False,
            "properties": properties}  # fmt: skip


KEEP = _body("KeepView", ("name", "query"), name=NAME, query=QUERY)
RENAME = _body("RenameView", ("name",), name=NAME)
MANY = _body("TakeSteps", ("step", "subjects"), step={"type": "string"}, needs={"type": "object"}, subjects=SUBJECTS)


class View(BaseModel):
    """A list under a name; `query` is what `GET /questions` takes."""

    id: int
    name: str
    query: str


class Views(BaseModel):
    """All of the reader's, by name."""

    items: list[View]
    total: int
    next: None = None


class RowDone(BaseModel):
    """What became of one. `state` is where it stands now, or stood when the step came too late."""

    ref: str
    outcome: str = Field(description="done, moved_on, not_yours, same_eyes, faulty, unknown or waiting.")
    state: str | None
    letters: list[str] = Field(description="The addresses that are written to because of it.")
    faults: list[FaultTold]


class StepsDone(BaseModel):
    """One step on many: each row by itself."""

    id: int
    step: str
    items: list[RowDone]


def text_in(body: dict[str, Any], *names: str) -> list[str]:
    """These texts of a body. Raises FaultyNeeds."""
    faults = [Fault(name, "wrong" if body.get(name) else "missing") for name in names
              if not isinstance(body.get(name), str) or not body[name]]  # fmt: skip
    faults += not_asked(body, names)
    if faults:
        raise FaultyNeeds(faults)
    return [str(body[name]) for name in names]


def view_of(row: SavedView) -> View:
    return View(id=row.id, name=row.name, query=row.query)


def made_at(content: BaseModel, location: str, language: str) -> JSONResponse:
    headers = {**HEADERS, "Location": location, "Content-Language": language}
    return JSONResponse(content.model_dump(mode="json"), 201, headers)


@router.get("/views")
async def views(request: Request, reader: ApiReader, language: Language) -> Views:
    """The lists that this reader has named."""
    async with reading(request.app.state.engine) as session:
        rows = await saved.views_of(session, reader)
    return Views(items=[view_of(row) for row in rows], total=len(rows))


@router.post("/views", status_code=201, response_model=View, responses=refusals(400), openapi_extra=made(KEEP))
async def keep(
    request: Request, reader: ApiReader, language: Language, body: Annotated[dict[str, Any], Body()]
) -> JSONResponse:
    """Name a list; one of this name is replaced, so sending it twice does no harm."""
    name, query = text_in(body, "name", "query")
    async with writing(request.app.state.engine) as session:
        row = await saved.keep(session, reader, name, query)
    return made_at(view_of(row), "/api/v1/views", language)


@router.post(
    "/views/{number}", status_code=201, response_model=View, responses=refusals(400, 404), openapi_extra=made(RENAME)
)
async def rename(
    request: Request, reader: ApiReader, language: Language, number: Number, body: Annotated[dict[str, Any], Body()]
) -> JSONResponse:
    """Give it another name."""
    (name,) = text_in(body, "name")
    try:
        async with writing(request.app.state.engine) as session:
            row = await saved.rename(session, reader, number, name)
    except NotFound:
        raise Refused("not-found", 404) from None
    return made_at(view_of(row), "/api/v1/views", language)


@router.delete("/views/{number}", responses=refusals(404))
async def remove(request: Request, reader: ApiReader, language: Language, number: Number) -> View:
    """Take it away."""
    try:
        async with writing(request.app.state.engine) as session:
            row = await saved.own(session, reader, number)
            await session.delete(row)
    except NotFound:
        raise Refused("not-found", 404) from None
    return view_of(row)


@router.post(
    "/steps", status_code=201, response_model=StepsDone, responses=refusals(400, 409), openapi_extra=made(MANY)
)
async def take_many(
    request: Request, reader: ApiReader, language: Language, body: Annotated[dict[str, Any], Body()], key: Key = None
) -> JSONResponse:
    """Take one step on many, each in a transaction of its own; what fails on one does not stop the others.

    With the same Idempotency-Key and the same body again, only what has no outcome yet is done.
    """
    refs = _subjects(body.get("subjects"))
    step, needs = step_in({name: value for name, value in body.items() if name != "subjects"})
    rules = [machine.steps[step] for machine in MACHINES.values() if step in machine.steps]
    if not rules:
        raise UnknownStep(step)
    check_needs(rules[0], needs)
    engine = request.app.state.engine
    try:
        bulk = await begin(engine, reader, f"api {key or uuid4().hex}", step, needs, refs, body=await request.body())
    except KeyError:
        raise Refused("key-reused", 409) from None
    rows = await run(engine, reader, bulk)
    return made_at(_done(bulk, rows, language), f"/api/v1/steps/{bulk.id}", language)


@router.get("/steps/{number}", responses=refusals(404))
async def what_happened(request: Request, reader: ApiReader, language: Language, number: Number) -> StepsDone:
    """What became of each."""
    try:
        async with reading(request.app.state.engine) as session:
            bulk = await own_bulk(session, reader, number)
            return _done(bulk, await rows_of(session, bulk), language)
    except NotFound:
        raise Refused("not-found", 404) from None


def _subjects(given: object) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise FaultyNeeds([Fault("subjects", "missing" if given is None else "wrong")])
    if not given or len(given) > MOST:
        raise FaultyNeeds([Fault("subjects", "too_many" if given else "too_few", str(MOST if given else 1))])
    return [reference(one.encode(errors="replace").decode())[:60] for one in given]


def _done(bulk: Bulk, rows: Sequence[BulkRow], language: str) -> StepsDone:
    return StepsDone(id=bulk.id, step=bulk.step, items=[
        RowDone(ref=row.ref, outcome=row.outcome, state=row.told.get("state"), letters=row.told.get("letters", []),
                faults=[FaultTold(**told(language, Fault(*one))) for one in row.told.get("faults", [])])
        for row in rows
    ])  # fmt: skip

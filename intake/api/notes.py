"""Notes beside the process: reading those that one may read, writing, correcting, taking away."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import JSONResponse
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api import door, shapes
from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language, Ref
from intake.api.faults import not_asked
from intake.api.lists import Whole
from intake.api.noted import Note, note_shapes
from intake.api.once import DoOnce, Made, Once
from intake.api.problems import Refused
from intake.api.stepping import Find
from intake.noted import seen_notes
from intake.sight import Reader
from intake.trouble import NotFound
from intake.writing import Written, correct, found_note, take_note_away, write
from schemas import notes
from schemas.case import Case, open_case
from schemas.database import reading, writing
from schemas.needs import Fault, FaultyNeeds
from schemas.notes import EVERYONE, LONGEST, WORKERS
from schemas.parties import Person

router = APIRouter(tags=["notes"], responses=refusals(401, 403, 404))
Given = Annotated[dict[str, Any], Body()]
NoteId = Annotated[int, Path(ge=1, lt=2**31)]
TEXT = {"type": "string", "minLength": 1, "maxLength": LONGEST}
NEW = {
    "title": "NewNote", "type": "object", "required": ["text"], "additionalProperties": False,
    "properties": {
        "text": TEXT | {"description": "`@` and a name mentions somebody too."},
        "audience": {"enum": [WORKERS, EVERYONE], "description": "May be left out where only one is open to you."},
        "mentions": {"type": "array", "items": {"type": "string", "format": "email"}},
    },
}  # fmt: skip
CORRECTION = {"title": "Correction", "type": "object", "required": ["text"], "additionalProperties": False,
              "properties": {"text": TEXT}}  # fmt: skip


async def _one(case: Case, reader: Reader, note_id: int) -> Note:
    here = [one for one in await seen_notes(case, reader) if one.note.id == note_id]
    return (await note_shapes(case, here))[0]


async def _list(request: Request, reader: Reader, find: Find, ref: str, part: Whole) -> shapes.Page[Note]:
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await find(session, reader, ref))
        return part.cut(await note_shapes(case, await seen_notes(case, reader)))


@router.get("/questions/{ref}/notes", responses=refusals(400))
async def of_question(request: Request, reader: ApiReader, ref: Ref, part: Whole) -> shapes.Page[Note]:
    """The notes on a question and its trajectories that this reader may read, oldest first."""
    return await _list(request, reader, door.question_of, ref, part)


@router.get("/trajectories/{ref}/notes", responses=refusals(400))
async def of_trajectory(request: Request, reader: ApiReader, ref: Ref, part: Whole) -> shapes.Page[Note]:
    """The notes on a trajectory that this reader may read, oldest first."""
    return await _list(request, reader, door.trajectory_of, ref, part)


@router.post(
    "/questions/{ref}/notes",
    status_code=201,
    response_model=Note,
    responses=refusals(400, 409),
    openapi_extra=made(NEW),
)
async def to_question(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Write a note on a question."""
    return await _write(once, door.question_of, ref, body)


@router.post(
    "/trajectories/{ref}/notes", status_code=201, response_model=Note, responses=refusals(400, 409),
    openapi_extra=made(NEW),
)  # fmt: skip
async def to_trajectory(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Write a note on a trajectory."""
    return await _write(once, door.trajectory_of, ref, body)


async def _write(once: Once, find: Find, ref: str, body: dict[str, Any]) -> JSONResponse:
    async def work(session: AsyncSession) -> Made:
        case = await open_case(session, await find(session, once.reader, ref))
        text, audience = _words(body, {"text", "audience", "mentions"}), body.get("audience") or ""
        if not isinstance(audience, str):
            raise FaultyNeeds([Fault("audience", "not_a_choice")])
        note = await write(case, once.reader, Written(text, audience, await _mentioned(session, body)))
        return await _one(case, once.reader, note.id), once.request.url.path

    return await once.do(work)


def _words(body: dict[str, Any], known: set[str]) -> str:
    faults = not_asked(body, known)
    text = body.get("text")
    faults += [Fault("text", "wrong" if text else "missing")] if not isinstance(text, str) else []
    if faults:
        raise FaultyNeeds(faults)
    return str(text).strip()


async def _mentioned(session: AsyncSession, body: dict[str, Any]) -> list[int]:
    given = body.get("mentions") or []
    if not isinstance(given, list) or not all(isinstance(one, str) and "\x00" not in one for one in given):
        raise FaultyNeeds([Fault("mentions", "wrong")])
    wanted = {one.strip().lower() for one in given}
    known = {row.email: row.id for row in await session.exec(select(Person).where(col(Person.email).in_(wanted)))}
    if wanted - known.keys():
        raise FaultyNeeds([Fault("mentions", "unknown")])
    return list(known.values())


async def found(session: AsyncSession, reader: Reader, note_id: int) -> tuple[notes.Note, Case]:
    """A note that this reader may read, with what it is about. Raises a 404, or NotForYou."""
    try:
        return await found_note(session, reader, note_id)
    except NotFound:
        raise Refused("not-found", 404, ref=str(note_id)) from None


@router.post(
    "/notes/{note_id}/corrections", status_code=201, response_model=Note, responses=refusals(400, 409),
    openapi_extra=made(CORRECTION),
)  # fmt: skip
async def corrections(once: DoOnce, note_id: NoteId, body: Given) -> JSONResponse:
    """Correct a note of one's own: within 15 minutes in its place, later below it."""

    async def work(session: AsyncSession) -> Made:
        note, case = await found(session, once.reader, note_id)
        try:
            await correct(case, once.reader, note, _words(body, {"text"}))
        except NotFound:
            raise Refused("not-found", 404, ref=str(note_id)) from None
        return await _one(case, once.reader, note_id), f"/api/v1/notes/{note_id}/corrections"

    return await once.do(work)


@router.delete("/notes/{note_id}")
async def taken_away(request: Request, reader: ApiReader, language: Language, note_id: NoteId) -> Note:
    """Take a note away, with its files: one's own, or any for an administrator. That it was there stays."""
    async with writing(request.app.state.engine) as session:
        note, case = await found(session, reader, note_id)
        await take_note_away(case, reader, note)
        return await _one(case, reader, note_id)

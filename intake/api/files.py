"""Files: listing those that one may see, adding one, fetching one, removing one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.api import door, shapes
from intake.api.answers import refusals
from intake.api.door import ApiReader, Language, Ref
from intake.api.filed import File, file_shapes
from intake.api.lists import Whole
from intake.api.notes import NoteId, found
from intake.api.once import DoOnce, Made, Once
from intake.api.problems import VERSION, Refused
from intake.api.stepping import Find
from intake.attached import download, may_add, may_take_away, seen_files
from intake.filenames import clean_name
from intake.incoming import Incoming, body_as_file, inspect
from intake.keeping import made, place_of
from intake.one_file import seen_file
from intake.sight import Reader
from intake.trouble import NotFound
from intake.writing import beside
from schemas.attachments import Attachment, attach, take_away
from schemas.case import Case, open_case
from schemas.database import reading, writing
from schemas.needs import Fault, FaultyNeeds
from schemas.subjects import Trajectory

router = APIRouter(tags=["files"], responses=refusals(401, 403, 404))
FileId = Annotated[int, Path(ge=1, lt=2**31)]
Name = Annotated[str, Query(min_length=1, max_length=500, description="The name of the file, with its extension.")]
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
TAKES = {"requestBody": {"required": True, "content": BYTES}}


async def _list(request: Request, reader: Reader, find: Find, ref: str, part: Whole) -> shapes.Page[File]:
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await find(session, reader, ref))
        return part.cut(await file_shapes(case, reader, await seen_files(case, reader)))


@router.get("/questions/{ref}/files", responses=refusals(400))
async def of_question(request: Request, reader: ApiReader, ref: Ref, part: Whole) -> shapes.Page[File]:
    """The files of a question, its trajectories and its notes that this reader may see, oldest first."""
    return await _list(request, reader, door.question_of, ref, part)


@router.get("/trajectories/{ref}/files", responses=refusals(400))
async def of_trajectory(request: Request, reader: ApiReader, ref: Ref, part: Whole) -> shapes.Page[File]:
    """The files of a trajectory and of its question, oldest first."""
    return await _list(request, reader, door.trajectory_of, ref, part)


@dataclass(frozen=True)
class _OnceWithFile(Once):
    """The request is known by the digest of the file, which is not held in memory."""

    content: str = ""

    async def _digest(self) -> str:
        head = f"{self.request.method} {self.request.url.path}?{self.request.url.query}\n".encode()
        return sha256(head + self.content.encode()).hexdigest()


@asynccontextmanager
async def _sent(once: Once, name: str) -> AsyncIterator[tuple[Incoming, _OnceWithFile]]:
    async with body_as_file(once.request) as content:
        one = await inspect(content, clean_name(name))
        yield one, _OnceWithFile(once.request, once.reader, once.language, once.key, one.sha256)


async def _kept(session: AsyncSession, case: Case, reader: Reader, one: Incoming, place: dict[str, Any]) -> Made:
    row = await attach(session, made(one, **place | {"by_id": reader.person.id}), one.content)
    return (await file_shapes(case, reader, [row]))[0], f"/api/v1/files/{row.id}"


async def _add(once: Once, find: Find, ref: str, name: str, *, result: bool = False) -> JSONResponse:
    async with reading(once.request.app.state.engine) as session:  # before a large body is taken in
        _may(await open_case(session, await find(session, once.reader, ref)), once.reader, result)
    async with _sent(once, name) as (one, known):

        async def work(session: AsyncSession) -> Made:
            case = await open_case(session, await find(session, once.reader, ref))
            _may(case, once.reader, result)
            return await _kept(session, case, once.reader, one, {**place_of(case), "result": result})

        return await known.do(work)


def _may(case: Case, reader: Reader, result: bool) -> None:
    if not may_add(reader, case):
        raise NotForYou
    if result and not (isinstance(case.subject, Trajectory) and case.subject.lecturer_id in reader.ids):
        raise FaultyNeeds([Fault("result", "not_asked")])


@router.post("/questions/{ref}/files", status_code=201, response_model=File, responses=refusals(400, 409),
             openapi_extra=TAKES)  # fmt: skip
async def to_question(once: DoOnce, ref: Ref, name: Name) -> JSONResponse:
    """Add a file to a question: the body is the file. The same file under the same name is kept once."""
    return await _add(once, door.question_of, ref, name)


@router.post("/trajectories/{ref}/files", status_code=201, response_model=File, responses=refusals(400, 409),
             openapi_extra=TAKES)  # fmt: skip
async def to_trajectory(once: DoOnce, ref: Ref, name: Name, result: bool = False) -> JSONResponse:
    """Add a file to a trajectory; with `result` as part of what its lecturer delivers."""
    return await _add(once, door.trajectory_of, ref, name, result=result)


@router.post("/notes/{note_id}/files", status_code=201, response_model=File, responses=refusals(400, 409),
             openapi_extra=TAKES)  # fmt: skip
async def to_note(once: DoOnce, note_id: NoteId, name: Name) -> JSONResponse:
    """Add a file to a note of one's own."""
    async with _sent(once, name) as (one, known):

        async def work(session: AsyncSession) -> Made:
            note, case = await found(session, once.reader, note_id)
            if note.actor_id != once.reader.person.id:
                raise NotForYou
            return await _kept(session, case, once.reader, one, beside(note, once.reader))

        return await known.do(work)


async def _file(session: AsyncSession, reader: Reader, file_id: int) -> tuple[Attachment, Case]:
    try:
        return await seen_file(session, reader, file_id)
    except NotFound:
        raise Refused("not-found", 404, ref=str(file_id)) from None


@router.get("/files/{file_id}", response_class=Response, responses={200: {"content": BYTES}})
async def fetch(request: Request, reader: ApiReader, language: Language, file_id: FileId) -> Response:
    """The content of a file."""
    async with reading(request.app.state.engine) as session:
        one, _ = await _file(session, reader, file_id)
    if one.removed_at is not None:
        raise Refused("not-found", 404, ref=str(file_id))
    answer = download(request, one)
    answer.headers["API-Version"] = VERSION
    return answer


@router.delete("/files/{file_id}")
async def removed(request: Request, reader: ApiReader, language: Language, file_id: FileId) -> File:
    """Remove a file: one's own, or any for a coordinator. Its name stays, with who removed it."""
    async with writing(request.app.state.engine) as session:
        one, case = await _file(session, reader, file_id)
        if not may_take_away(reader, one, case.question):
            raise NotForYou
        await take_away(session, one, reader.person.id)
        return (await file_shapes(case, reader, [one]))[0]

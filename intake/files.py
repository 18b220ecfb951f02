"""Files: the page that lists, adds and removes them, and handing one out."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.attached import file_rows, handed_out, keep_all, limits, may_add, may_take_away, place_of, seen_files
from intake.attempt import TrajectoryId
from intake.fields import told_faults
from intake.incoming import files_in, form_with_files
from intake.language import language_of
from intake.pages import page
from intake.question import QuestionId
from intake.rows import home
from intake.sight import Reader, may_see
from intake.trouble import NotFound
from schemas.attachments import Attachment, take_away
from schemas.case import Case, open_case
from schemas.database import reading, writing
from schemas.needs import Fault
from schemas.subjects import Question, Subject, Trajectory

router = APIRouter()
Faults = list[tuple[str, Fault]]


@router.get("/questions/{ref}/files")
async def of_question(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """The files of a question."""
    return await _page(request, reader, Question, subject_id, [])


@router.get("/trajectories/{ref}/files")
async def of_trajectory(request: Request, reader: KnownReader, ref: str, subject_id: TrajectoryId) -> Response:
    """The files of a trajectory, with those of its question."""
    return await _page(request, reader, Trajectory, subject_id, [])


@router.post("/questions/{ref}/files")
async def to_question(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """Add files to a question."""
    return await _add(request, reader, Question, subject_id)


@router.post("/trajectories/{ref}/files")
async def to_trajectory(request: Request, reader: KnownReader, ref: str, subject_id: TrajectoryId) -> Response:
    """Add files to a trajectory."""
    return await _add(request, reader, Trajectory, subject_id)


async def _page(
    request: Request, reader: Reader, table: type[Subject], subject_id: int, faults: Faults
) -> Response:  # fmt: skip
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(table, subject_id))
        rows = await file_rows(case, reader, [one for one in await seen_files(case, reader) if not one.note_id])
    said = told_faults(faults, language)
    return page(
        request, "files.html", reader, status=400 if said else 200, question=case.question, subject=case.subject,
        base=home(case.subject), files=rows, adds=may_add(reader, case), limits=limits(), faults=said,
        said=" ".join(one["text"] for one in said), done=request.query_params.get("done"),
    )  # fmt: skip


async def _add(request: Request, reader: Reader, table: type[Subject], subject_id: int) -> Response:
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(table, subject_id))
        if not may_add(reader, case):
            raise NotForYou
    async with form_with_files(request) as sent:
        found = await files_in(sent)
        if not found.good and not found.faults:
            found.faults.append(("", Fault("files", "no_file")))
        faults = await keep_all(request, found, by_id=reader.person.id, **place_of(case))
    if faults:
        return await _page(request, reader, table, subject_id, faults)
    return RedirectResponse(f"{home(case.subject)}/files?done=added", 303)


async def file_and_case(session: AsyncSession, file_id: int) -> tuple[Attachment, Case]:
    """A file with the question or trajectory that it belongs to. Raises NotFound."""
    one = await session.get(Attachment, file_id) if 0 < file_id < 2**31 else None
    if one is None:
        raise NotFound("page")
    subject: Any = await session.get_one(Trajectory, one.trajectory_id) if one.trajectory_id else (
        await session.get_one(Question, one.question_id))  # fmt: skip
    return one, await open_case(session, subject)


async def seen_file(session: AsyncSession, reader: Reader, file_id: int) -> tuple[Attachment, Case]:
    """As `file_and_case`, for a reader who may see it. Raises NotForYou."""
    one, case = await file_and_case(session, file_id)
    if not await may_see(session, reader, case) or one.id not in {row.id for row in await seen_files(case, reader)}:
        raise NotForYou
    return one, case


@router.get("/files/{file_id}")
async def get(request: Request, reader: KnownReader, file_id: int) -> Response:
    """A file, to be saved: never shown in a page of ours."""
    async with reading(request.app.state.engine) as session:
        one, case = await seen_file(session, reader, file_id)
        return await handed_out(request, case, reader, one.id)


@router.get("/files/{file_id}/remove")
async def ask_remove(request: Request, reader: KnownReader, file_id: int) -> Response:
    """Are you sure?"""
    async with reading(request.app.state.engine) as session:
        one, case = await seen_file(session, reader, file_id)
        if not may_take_away(reader, one, case.question):
            raise NotForYou
        row = (await file_rows(case, reader, [one]))[0]
    return page(request, "file_remove.html", reader, row=row, home=home(case.subject), question=case.question)


@router.post("/files/{file_id}/remove")
async def removed(request: Request, reader: KnownReader, file_id: int) -> Response:
    """Remove it: its name stays, with who did it and when."""
    async with writing(request.app.state.engine) as session:
        one, case = await seen_file(session, reader, file_id)
        if not may_take_away(reader, one, case.question):
            raise NotForYou
        await take_away(session, one, reader.person.id)
    return RedirectResponse(f"{home(case.subject)}/files?done=removed", 303)

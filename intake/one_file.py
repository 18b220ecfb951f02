"""One file: handing it out, and removing it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.attached import file_rows, handed_out, may_take_away, seen_files
from intake.pages import page
from intake.rows import home
from intake.sight import Reader, may_see
from intake.trouble import NotFound
from schemas.attachments import Attachment, take_away
from schemas.case import Case, open_case
from schemas.database import reading, writing
from schemas.subjects import Question, Trajectory

router = APIRouter()


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


async def _removable(session: AsyncSession, reader: Reader, file_id: int) -> tuple[Attachment, Case]:
    one, case = await seen_file(session, reader, file_id)
    if not may_take_away(reader, one, case.question):
        raise NotForYou
    return one, case


@router.get("/files/{file_id}/remove")
async def ask_remove(request: Request, reader: KnownReader, file_id: int) -> Response:
    """Are you sure?"""
    async with reading(request.app.state.engine) as session:
        one, case = await _removable(session, reader, file_id)
        row = (await file_rows(case, reader, [one]))[0]
    return page(request, "file_remove.html", reader, row=row, home=home(case.subject), question=case.question)


@router.post("/files/{file_id}/remove")
async def removed(request: Request, reader: KnownReader, file_id: int) -> Response:
    """Remove it: its name stays, with who did it and when."""
    async with writing(request.app.state.engine) as session:
        one, case = await _removable(session, reader, file_id)
        await take_away(session, one, reader.person.id)
    return RedirectResponse(f"{home(case.subject)}/files?done=removed", 303)

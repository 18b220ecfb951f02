"""Files that a form carries beside its answers: those of a draft, and those that a lecturer delivers."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from intake.attached import download
from intake.fields import told_faults
from intake.incoming import files_in
from intake.keeping import keep_all, limits
from intake.language import speaking, translate
from intake.trouble import NotFound
from schemas.attachments import Attachment, attached, take_away
from schemas.database import reading, writing
from schemas.links import read_draft_token
from schemas.needs import Fault
from schemas.subjects import Question, Trajectory

router = APIRouter()
WITH_FILES = {"deliver"}  # steps whose form takes files


async def take_in(
    request: Request, sent: FormData, by_id: int | None, question_id: int, trajectory_id: int | None = None
) -> list[tuple[str, Fault]]:
    """Keep the files in a form and remove those that were ticked; what is wrong with the others.

    Done before the answers are judged: whatever else is wrong, they need not be chosen again.
    """
    ticked = {str(one) for one in sent.getlist("remove")}
    async with writing(request.app.state.engine) as session:
        for one in await own_files(session, question_id, trajectory_id):
            if str(one.id) in ticked and one.by_id == by_id:
                await take_away(session, one, by_id)
    place = {"question_id": question_id, "trajectory_id": trajectory_id, "result": trajectory_id is not None}
    return await keep_all(request, await files_in(sent), by_id=by_id, **place)


async def own_files(session: AsyncSession, question_id: int, trajectory_id: int | None) -> list[Attachment]:
    """The files of a draft, or those that will be part of a result."""
    rows = await attached(session, question_id)
    return [one for one in rows if one.trajectory_id == trajectory_id and one.result == (trajectory_id is not None)]


def carrying(
    files: Sequence[Attachment], by_id: int | None, wrong: Sequence[tuple[str, Fault]], language: str
) -> dict[str, Any]:
    """What a form with files shows: those that it carries already, the limits, and what was wrong."""
    with speaking(language):
        so_far = _so_far(files, by_id)
    said = " ".join(one["text"] for one in told_faults(wrong, language))
    return {"so_far": so_far, "limits": limits(), "said": said}


def _so_far(files: Sequence[Attachment], by_id: int | None) -> dict[str, Any] | None:
    _ = translate
    choices = [{"value": one.id, "label": one.name} for one in files if one.by_id == by_id]
    return {"name": "remove", "kind": "choices", "label": _("Files so far"), "choices": choices,
            "hint": _("Tick what you want to remove.")} if choices else None  # fmt: skip


@router.get("/ask/{token}/files/{file_id}")
async def of_draft(request: Request, token: str, file_id: int) -> Response:
    """A file of a draft, for whoever holds its link."""
    question_id = read_draft_token(token)
    async with reading(request.app.state.engine) as session:
        question = await session.get(Question, question_id) if question_id else None
        if question is None or question.state != "draft":
            raise NotFound("draft")
        found = next((one for one in await own_files(session, question.id, None) if one.id == file_id), None)
    if found is None:
        raise NotFound("page")
    return download(request, found)


async def step_files(session: AsyncSession, step: str, subject: Any, by_id: int) -> list[Attachment] | None:
    """What a step's form already carries; None for a step that takes no files."""
    if step not in WITH_FILES or not isinstance(subject, Trajectory):
        return None
    return await own_files(session, subject.question_id, subject.id)

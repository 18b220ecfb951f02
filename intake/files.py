"""Files of a question or trajectory: the page that lists them and takes more."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader, NotForYou
from intake.attached import file_rows, may_add, seen_files
from intake.attempt import TrajectoryId
from intake.fields import told_faults
from intake.incoming import files_in, form_with_files
from intake.keeping import keep_all, limits, place_of
from intake.language import language_of
from intake.pages import page
from intake.question import QuestionId
from intake.rows import home
from intake.sight import Reader
from schemas.case import open_case
from schemas.database import reading
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

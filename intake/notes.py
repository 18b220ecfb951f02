"""Notes: writing one on a question or a trajectory."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader, NotForYou
from intake.attempt import TrajectoryId
from intake.fields import message, summary
from intake.incoming import files_in, form_with_files
from intake.keeping import limits
from intake.language import language_of, speaking
from intake.note_form import Typed, note_fields, read_typed, readers
from intake.pages import page
from intake.question import QuestionId
from intake.rows import home
from intake.sight import Reader
from intake.writing import Written, checked, may_write, write
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.needs import Fault, FaultyNeeds
from schemas.subjects import Question, Subject, Trajectory

router = APIRouter()


@router.get("/questions/{ref}/notes")
async def on_question(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """The form of a note on a question."""
    return await _form(request, reader, Question, subject_id, Typed(), [])


@router.get("/trajectories/{ref}/notes")
async def on_trajectory(request: Request, reader: KnownReader, ref: str, subject_id: TrajectoryId) -> Response:
    """The form of a note on a trajectory."""
    return await _form(request, reader, Trajectory, subject_id, Typed(), [])


@router.post("/questions/{ref}/notes")
async def write_on_question(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """Write it."""
    return await _write(request, reader, Question, subject_id)


@router.post("/trajectories/{ref}/notes")
async def write_on_trajectory(request: Request, reader: KnownReader, ref: str, subject_id: TrajectoryId) -> Response:
    """Write it."""
    return await _write(request, reader, Trajectory, subject_id)


async def _write(request: Request, reader: Reader, table: type[Subject], subject_id: int) -> Response:
    async with form_with_files(request) as sent:
        typed, found = read_typed(sent), await files_in(sent)
        written = Written(typed.text, typed.audience, typed.mentions, typed.key)
        try:
            async with writing(request.app.state.engine) as session:
                case = await open_case(session, await session.get_one(table, subject_id))
                if found.faults:
                    await checked(case, reader, written)  # all that is wrong at once
                    raise FaultyNeeds([])
                note = await write(case, reader, written, found.good)
        except FaultyNeeds as error:
            typed.file_faults = found.faults
            return await _form(request, reader, table, subject_id, typed, error.faults)
    return RedirectResponse(f"{home(case.subject)}?said=note#note-{note.id}", 303)


async def _form(
    request: Request, reader: Reader, table: type[Subject], subject_id: int, typed: Typed, faults: list[Fault]
) -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(table, subject_id))
        may = may_write(case, reader)
        if not may:
            raise NotForYou
        with speaking(language):
            made = await note_fields(case, reader, language, may, typed, faults)
            only = readers(may[0], trajectory=table is Trajectory) if len(may) == 1 else ""
    files = [f"{name}: {message(language, fault)}" for name, fault in typed.file_faults]
    files += [message(language, fault) for fault in faults if fault.field == "files"]
    known = {one["name"] for one in made} | {"files"}
    told = [*summary(language, made), *({"href": "#files", "text": one} for one in files)]
    told += [{"href": "#text", "text": message(language, fault)} for fault in faults if fault.field not in known]
    return page(
        request, "note.html", reader, status=400 if told else 200, question=case.question, subject=case.subject,
        base=home(case.subject), fields=made, faults=told, key=typed.key, limits=limits(), said=" ".join(files),
        only=only,
    )  # fmt: skip

"""Notes that are there: correcting one's own, taking one away."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader, NotForYou
from intake.fields import message, summary
from intake.language import language_of, speaking
from intake.note_form import Typed, read_typed, text_field
from intake.noted import for_whom, may_correct, may_remove
from intake.pages import page
from intake.rows import home
from intake.sight import Reader
from intake.trouble import NotFound
from intake.writing import correct, found_note, take_note_away
from schemas.database import reading, writing
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.notes import CORRECTED_WITHIN, as_they_read, rows_of

router = APIRouter()


@router.get("/notes/{note_id}/correct")
async def correct_form(request: Request, reader: KnownReader, note_id: int) -> Response:
    """The form that corrects a note of one's own."""
    return await _correct_form(request, reader, note_id, None, [])


@router.post("/notes/{note_id}/correct")
async def corrected(request: Request, reader: KnownReader, note_id: int) -> Response:
    """Correct it: within a quarter of an hour instead of what stood there, later below it."""
    async with request.form() as sent:
        typed = read_typed(sent)
    try:
        async with writing(request.app.state.engine) as session:
            note, case = await found_note(session, reader, note_id)
            await correct(case, reader, note, typed.text, typed.key)
    except FaultyNeeds as error:
        return await _correct_form(request, reader, note_id, typed, error.faults)
    return RedirectResponse(f"{home(case.subject)}?said=corrected#note-{note_id}", 303)


async def _correct_form(
    request: Request, reader: Reader, note_id: int, typed: Typed | None, faults: list[Fault]
) -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        note, case = await found_note(session, reader, note_id)
        if not may_correct(reader, note):
            raise NotForYou
        told = next(one for one in as_they_read(await rows_of(session, note.question_id)) if one.note.id == note.id)
        if told.removed:
            raise NotFound("page")
    soon = now() - note.at <= CORRECTED_WITHIN
    typed = typed or Typed(text=told.text if soon else "")
    with speaking(language):
        made = [text_field({fault.field: message(language, fault) for fault in faults}, typed) | {"hint": ""}]
        whose = for_whom(note.audience, trajectory=bool(note.trajectory_id))
    return page(
        request, "note_correct.html", reader, status=400 if faults else 200, question=case.question, note=note,
        base=home(case.subject), subject=case.subject, fields=made, faults=summary(language, made), key=typed.key,
        soon=soon, text=told.text, whose=whose,
    )  # fmt: skip


@router.get("/notes/{note_id}/remove")
async def ask_remove(request: Request, reader: KnownReader, note_id: int) -> Response:
    """Are you sure?"""
    async with reading(request.app.state.engine) as session:
        note, case = await found_note(session, reader, note_id)
        if not may_remove(reader, note):
            raise NotForYou
        told = next(one for one in as_they_read(await rows_of(session, note.question_id)) if one.note.id == note.id)
    return page(
        request, "note_remove.html", reader, question=case.question, note=note, text=told.text, base=home(case.subject)
    )


@router.post("/notes/{note_id}/remove")
async def removed(request: Request, reader: KnownReader, note_id: int) -> Response:
    """Take it away, with its files; that it was there stays."""
    async with writing(request.app.state.engine) as session:
        note, case = await found_note(session, reader, note_id)
        await take_note_away(case, reader, note)
    return RedirectResponse(f"{home(case.subject)}?said=removed#note-{note_id}", 303)

"""Meetings of the committee: planned, moved and cancelled; the agenda builds itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import or_
from sqlmodel import col, func, select

from intake.access import KnownReader
from intake.fields import message, read_form
from intake.hosting import cancel_one, check_reader, is_host, meeting_seen, move_one, plan_one, shown
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.story import Posted
from reports.agenda import agenda_in
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.meetings import Meeting
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.planning import ASKED
from schemas.subjects import Question

router = APIRouter(prefix="/meetings")
LATELY = timedelta(hours=12)  # a meeting of this morning is not past yet
PAST = 50


@router.get("")
async def meetings(request: Request, reader: KnownReader) -> Response:
    """Those to come, and the latest of those that were."""
    check_reader(reader)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        coming = (col(Meeting.begins_at) > now() - LATELY, col(Meeting.closed_at).is_(None),
                  col(Meeting.cancelled_at).is_(None))  # fmt: skip
        past = or_(col(Meeting.begins_at) <= now() - LATELY, col(Meeting.closed_at).is_not(None),
                   col(Meeting.cancelled_at).is_not(None))  # fmt: skip
        ahead = await session.exec(select(Meeting).where(*coming).order_by(col(Meeting.begins_at)))
        rows = [await shown(session, one, language) for one in ahead]
        behind = select(Meeting).where(past).order_by(col(Meeting.begins_at).desc()).limit(PAST)
        earlier = [await shown(session, one, language) for one in await session.exec(behind)]
        before = select(func.count(col(Question.id))).where(Question.state == "triage")
        waiting = (await session.exec(before)).one()
    return page(request, "meetings/list.html", reader, rows=rows, earlier=earlier, host=is_host(reader),
                waiting=waiting, done=request.query_params.get("done"))  # fmt: skip


@router.get("/new")
async def new(request: Request, reader: KnownReader) -> Response:
    """The form for a meeting."""
    check_reader(reader, host=True)
    return _form(request, reader, {}, [], None)


@router.post("")
async def planned(request: Request, reader: KnownReader) -> Response:
    """Plan it."""
    check_reader(reader, host=True)
    async with request.form() as sent:
        typed = read_form(ASKED, sent)
    try:
        async with writing(request.app.state.engine) as session:
            meeting = await plan_one(session, reader, typed)
    except FaultyNeeds as error:
        return _form(request, reader, typed, error.faults, None)
    return RedirectResponse(f"/meetings/{meeting.id}?done=planned", 303)


@router.get("/{meeting_id}")
async def one(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """A meeting with its agenda as it stands."""
    return await show(request, reader, meeting_id, [])


async def show(request: Request, reader: Reader, meeting_id: int, faults: list[Fault]) -> Response:
    meeting = await meeting_seen(request, reader, meeting_id)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        agenda = await agenda_in(session, language)
        query = select(Letter, Person.name).join(Person, col(Person.id) == Letter.recipient_id)
        query = query.where(Letter.meeting_id == meeting.id).order_by(col(Letter.id).desc()).limit(200)
        letters = [Posted(letter, name) for letter, name in await session.exec(query)]
        return page(
            request, "meetings/one.html", reader, status=400 if faults else 200, host=is_host(reader),
            meeting=await shown(session, meeting, language), open=meeting.open, letters=letters,
            items=await agenda.to_decide() if meeting.open else [], waiting=await agenda.waits_for_education(),
            declined=await agenda.declined_twice(), at_risk=await agenda.at_risk(),
            faults=[{"href": "#main", "text": message(language, fault)} for fault in faults],
            done=request.query_params.get("done"),
        )  # fmt: skip


@router.get("/{meeting_id}/move")
async def move_form(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """The form with what is planned now."""
    check_reader(reader, host=True)
    meeting = await meeting_seen(request, reader, meeting_id)
    async with reading(request.app.state.engine) as session:
        known = await shown(session, meeting, language_of(request, reader))
    return _form(request, reader, known, [], meeting_id)


@router.post("/{meeting_id}/move")
async def moved(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Another time or place."""
    check_reader(reader, host=True)
    async with request.form() as sent:
        typed = read_form(ASKED, sent)
    try:
        async with writing(request.app.state.engine) as session:
            await move_one(session, reader, meeting_id, typed)
    except FaultyNeeds as error:
        return _form(request, reader, typed, error.faults, meeting_id)
    return RedirectResponse(f"/meetings/{meeting_id}?done=moved", 303)


@router.post("/{meeting_id}/cancel")
async def cancelled(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """It does not take place."""
    check_reader(reader, host=True)
    async with request.form() as sent:
        given = {"reason": str(sent.get("reason", ""))}
    try:
        async with writing(request.app.state.engine) as session:
            await cancel_one(session, reader, meeting_id, given)
    except FaultyNeeds as error:
        return await show(request, reader, meeting_id, error.faults)
    return RedirectResponse(f"/meetings/{meeting_id}?done=cancelled", 303)


def _form(
    request: Request, reader: Reader, typed: Mapping[str, Any], faults: list[Fault], meeting_id: int | None
) -> Response:
    language = language_of(request, reader)
    said = {fault.field: message(language, fault) for fault in faults}
    return page(
        request, "meetings/form.html", reader, status=400 if faults else 200, typed=typed, said=said,
        meeting_id=meeting_id, faults=[{"href": f"#{field}" if field in ASKED else "#main", "text": text}
                                       for field, text in said.items()],
    )  # fmt: skip

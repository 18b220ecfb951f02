"""The meeting screen, for a beamer: who is present, what there is to decide, and accepting several at once."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.fields import message
from intake.hosting import check_reader, is_host, meeting_held, meeting_seen, shown
from intake.language import language_of
from intake.pages import page
from intake.rows import reference
from intake.sight import Reader, visible
from reports.agenda import agenda_in
from reports.decided import decision_row
from schemas.case import lock, open_case
from schemas.committee import votes_of, why_undecided
from schemas.database import reading, writing
from schemas.meetings import Decision, Meeting
from schemas.needs import Fault, FaultyNeeds
from schemas.planning import take_seats, today_there
from schemas.seats import Seat, seats_of
from schemas.steps import Actor, MovedOn, take_step
from schemas.subjects import Question

router = APIRouter(prefix="/meetings/{meeting_id}")
STEP = "decide_in_meeting"


@dataclass(frozen=True)
class Item:
    """One question of this meeting: before the committee still, or decided here."""

    question: Question
    decision: Decision | None


async def items_of(session: AsyncSession, reader: Reader, meeting: Meeting) -> list[Item]:
    """The questions of a meeting in one order, however far it has come."""
    here = select(Decision).where(Decision.meeting_id == meeting.id).order_by(col(Decision.id))
    decided = {one.question_id: one for one in await session.exec(here)}
    waiting = col(Question.state).in_(["triage"] if meeting.open else [])
    query = select(Question).where(visible(reader), waiting | col(Question.id).in_(decided))
    return [
        Item(one, None if meeting.open and one.state == "triage" else decided.get(one.id))
        for one in await session.exec(query.order_by(col(Question.id)))
    ]


@router.get("/screen")
async def screen(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Who is present and what there is to decide."""
    return await _overview(request, reader, meeting_id, [])


async def _overview(request: Request, reader: Reader, meeting_id: int, faults: list[Fault]) -> Response:
    meeting = await meeting_seen(request, reader, meeting_id)
    language = language_of(request, reader)
    tried = {reference(one) for one in request.query_params.get("tried", "").split(",") if one}
    async with reading(request.app.state.engine) as session:
        rows = [await _row(session, one, language) for one in await items_of(session, reader, meeting)]
        return page(
            request, "meetings/overview.html", reader, status=400 if faults else 200, theme_class="sv-screen",
            meeting=await shown(session, meeting, language), rows=rows, tried=tried, open=meeting.open,
            seats=await taken_seats(session, meeting), host=is_host(reader) and meeting.open,
            faults=[{"href": f"#{fault.field}", "text": message(language, fault)} for fault in faults],
        )  # fmt: skip


async def _row(session: AsyncSession, item: Item, language: str) -> dict[str, Any]:
    row = await (await agenda_in(session, language)).row(item.question)
    decided = await decision_row(session, item.decision, language) if item.decision else None
    lacks = "" if decided else await why_undecided(await open_case(session, item.question))
    return row | {"decided": decided, "lacks": lacks}


async def taken_seats(session: AsyncSession, meeting: Meeting) -> list[tuple[Seat, bool]]:
    """Every seat, and whether somebody who may vote there is present."""
    found = await seats_of(session, await today_there(session))
    return [(one, one.votes and one.member.id in meeting.present) for one in found]


@router.post("/present")
async def present(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Note who is present."""
    check_reader(reader, host=True)
    async with request.form() as sent:
        seats = {int(str(one)) for one in sent.getlist("present") if str(one).isdecimal() and len(str(one)) < 10}
    try:
        async with writing(request.app.state.engine) as session:
            meeting = await meeting_held(session, reader, meeting_id)
            await take_seats(session, meeting, seats, await today_there(session))
    except FaultyNeeds as error:
        return await _overview(request, reader, meeting_id, error.faults)
    return RedirectResponse(f"/meetings/{meeting_id}/screen", 303)


@router.post("/accept")
async def accept_together(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Everybody present votes for the chosen questions, but for whoever has voted already; each decided by itself."""
    check_reader(reader, host=True)
    meeting = await meeting_seen(request, reader, meeting_id)
    async with request.form() as sent:
        refs = list(dict.fromkeys(reference(str(one)) for one in sent.getlist("refs")))
    faults = [] if refs else [Fault("refs", "nothing_chosen")]
    faults += [] if meeting.open else [Fault("meeting", "meeting_over")]
    faults += [] if meeting.present else [Fault("present", "nobody_present")]
    if faults:
        return await _overview(request, reader, meeting_id, faults)
    for ref in refs:
        await _accept(request, reader, meeting_id, ref)
    return RedirectResponse(f"/meetings/{meeting_id}/screen?tried={','.join(refs)}#agenda", 303)


async def _accept(request: Request, reader: Reader, meeting_id: int, ref: str) -> None:
    # What became of each is on the page that follows, read from what is true then.
    try:
        async with writing(request.app.state.engine) as session:
            query = select(Question).where(Question.ref == ref, visible(reader))
            question, meeting = (await session.exec(query)).first(), await session.get_one(Meeting, meeting_id)
            if question is None:
                return
            seats = await silent_seats(session, question, meeting)
            ballots = {str(one.member.id): {"vote": "accept"} for one in seats}
            ballots = ballots or await _as_voted(session, question, meeting)
            given = {"meeting": str(meeting_id), "ballots": ballots}
            await take_step(session, question, STEP, Actor(reader.person.id), given)
    except (MovedOn, FaultyNeeds):
        return


async def silent_seats(session: AsyncSession, question: Question, meeting: Meeting) -> list[Seat]:
    """Those present who have not voted on a question; from here on nobody else votes on it before we have."""
    await lock(session, question.id)
    voted = {one.person_id for one in await votes_of(await open_case(session, question))}
    return [seat for seat, there in await taken_seats(session, meeting) if there and seat.member.id not in voted]


async def _as_voted(session: AsyncSession, question: Question, meeting: Meeting) -> dict[str, dict[str, str]]:
    """The votes of those present as they stand, where all have voted already."""
    there = {seat.member.id for seat, present in await taken_seats(session, meeting) if present}
    votes = await votes_of(await open_case(session, question))
    return {str(one.person_id): {"vote": one.vote} for one in votes if one.person_id in there}

"""Meetings of the committee: finding them, reading one with its agenda and decisions, and running them.

Votes in a meeting are a step of the question: `decide_in_meeting`, with `meeting` and `ballots`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language, Ref
from intake.api.lists import Parts
from intake.api.once import DoOnce, Made, Once
from intake.api.problems import no_such
from intake.api.shapes import Page, Person
from intake.hosting import cancel_one, check_reader, close_one, meeting_held, move_one, plan_one
from reports.agenda import agenda_in
from reports.decided import decided_in
from schemas.committee import NUMBER
from schemas.database import reading
from schemas.meetings import Meeting
from schemas.needs import Fault, FaultyNeeds
from schemas.planning import CANCELLED, PLAN, take_seats, today_there
from schemas.seats import seats_of

router = APIRouter(prefix="/meetings", tags=["meetings"], responses=refusals(401))
Given = Annotated[dict[str, Any], Body()]
CHANGE = refusals(400, 403, 404, 409)
END = refusals(400, 403, 404)  # a second one is refused: it is over
NOTHING: dict[str, Any] = {"type": "object", "title": "Close"}
PRESENT: dict[str, Any] = {"type": "object", "title": "Present", "required": ["present"],
                           "properties": {"present": {"type": "array", "items": {"type": "string"}}}}  # fmt: skip


class MeetingRow(BaseModel):
    """A meeting in a list. `pack_at`: when the papers are mailed, null when that is done or will not be."""

    id: int
    state: str
    begins_at: datetime
    ends_at: datetime
    place: str
    link: str
    pack_at: datetime | None
    pack_sent_at: datetime | None


class MeetingWhole(MeetingRow):
    """A meeting with who sits there, what is before it, and what it has decided."""

    uid: str
    sequence: int
    seats: list[Person]
    present: list[int]
    agenda: list[dict[str, Any]]
    decided: list[dict[str, Any]]


def row_of(one: Meeting) -> dict[str, Any]:
    state = "cancelled" if one.cancelled_at else "closed" if one.closed_at else "planned"
    return one.model_dump(include=set(MeetingRow.model_fields)) | {"state": state}


async def whole_of(session: AsyncSession, meeting: Meeting, language: str) -> MeetingWhole:
    """As it stands."""
    seats = await seats_of(session, await today_there(session))
    decided = [one for one in await decided_in(session, meeting, language) if one["here"]]
    return MeetingWhole(
        **row_of(meeting), uid=meeting.uid, sequence=meeting.sequence, present=meeting.present, decided=decided,
        seats=[Person(name=one.member.name, email=one.member.email) for one in seats],
        agenda=await (await agenda_in(session, language)).to_decide() if meeting.open else [],
    )  # fmt: skip


async def _id_of(session: AsyncSession, ref: str) -> int:
    if not NUMBER.fullmatch(ref) or not await session.get(Meeting, int(ref)):
        raise no_such(ref)
    return int(ref)


@router.get("", responses=refusals(400, 403))
async def find(request: Request, reader: ApiReader, part: Parts) -> Page[MeetingRow]:
    """The meetings of the committee, latest first."""
    check_reader(reader)
    async with reading(request.app.state.engine) as session:
        total = (await session.exec(select(func.count(col(Meeting.id))))).one()
        query = select(Meeting).order_by(col(Meeting.begins_at).desc(), col(Meeting.id))
        rows = await session.exec(query.limit(part.size).offset(part.offset))
        return part.of([MeetingRow(**row_of(one)) for one in rows], total)


@router.get("/{ref}", responses=refusals(403, 404))
async def show(request: Request, reader: ApiReader, language: Language, ref: Ref) -> MeetingWhole:
    """One meeting, with its agenda as it stands and what it has decided."""
    check_reader(reader)
    async with reading(request.app.state.engine) as session:
        return await whole_of(session, await session.get_one(Meeting, await _id_of(session, ref)), language)


@router.post(
    "", status_code=201, response_model=MeetingWhole, responses=refusals(400, 403, 409),
    openapi_extra=made(PLAN.model_json_schema()),
)  # fmt: skip
async def plan(once: DoOnce, body: Given) -> JSONResponse:
    """Plan a meeting: everybody gets it for their calendar. Times are those on the wall there, as `14:00`."""

    async def work(session: AsyncSession) -> Made:
        meeting = await plan_one(session, once.reader, body)
        return await whole_of(session, meeting, once.language), f"/api/v1/meetings/{meeting.id}"

    return await once.do(work)


async def _change(once: Once, ref: str, do: Callable[[AsyncSession, int], Awaitable[Meeting]]) -> JSONResponse:
    async def work(session: AsyncSession) -> Made:
        check_reader(once.reader, host=True)
        meeting = await do(session, await _id_of(session, ref))
        await session.flush()
        return await whole_of(session, meeting, once.language), f"/api/v1/meetings/{meeting.id}"

    return await once.do(work)


@router.post(
    "/{ref}/move", status_code=201, response_model=MeetingWhole, responses=CHANGE,
    openapi_extra=made(PLAN.model_json_schema()),
)  # fmt: skip
async def move(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Another time or place; everybody's calendar follows."""
    return await _change(once, ref, lambda session, one: move_one(session, once.reader, one, body))


@router.post(
    "/{ref}/cancel",
    status_code=201,
    response_model=MeetingWhole,
    responses=END,
    openapi_extra=made(CANCELLED.model_json_schema()),
)
async def cancel(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """It does not take place."""
    return await _change(once, ref, lambda session, one: cancel_one(session, once.reader, one, body))


@router.post(
    "/{ref}/present", status_code=201, response_model=MeetingWhole, responses=CHANGE, openapi_extra=made(PRESENT)
)
async def present(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Note who is present, by the addresses of the members whose seats are taken."""

    async def note(session: AsyncSession, one: int) -> Meeting:
        meeting, today = await meeting_held(session, once.reader, one), await today_there(session)
        known = {seat.member.email: seat.member.id for seat in await seats_of(session, today)}
        asked = body.get("present")
        if not isinstance(asked, list) or not {str(email) for email in asked} <= known.keys():
            raise FaultyNeeds([Fault("present", "not_a_member")])
        await take_seats(session, meeting, {known[str(email)] for email in asked}, today)
        return meeting

    return await _change(once, ref, note)


@router.post("/{ref}/close", status_code=201, response_model=MeetingWhole, responses=END, openapi_extra=made(NOTHING))
async def close(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Close it: the decision list is mailed to everybody."""
    return await _change(once, ref, lambda session, one: close_one(session, once.reader, one))

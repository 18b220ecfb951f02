"""Incidents: what the clock could not do; tried again at once, or put off for days with a reason."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.api import shapes
from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language
from intake.api.faults import not_asked
from intake.api.lists import Parts
from intake.api.once import DoOnce, Made
from intake.incidents import LONGEST, MENDERS, REASON, Wish
from schemas.database import reading
from schemas.incidents import Incident, open_incidents, postpone, try_again
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, storable

router = APIRouter(prefix="/incidents", tags=["incidents"], responses=refusals(401, 403))
FIELDS = ("action", "incidents", "days", "reason")
NUMBER = 2**31
ACTION: dict[str, Any] = {
    "title": "IncidentAction", "type": "object", "required": ["action"], "additionalProperties": False,
    "properties": {
        "action": {"enum": ["again", "later"], "description": "Try again now, or let it wait."},
        "incidents": {"type": "array", "items": {"type": "integer"},
                      "description": "Their ids. Without it `again` is about all of them."},
        "days": {"type": "integer", "minimum": 1, "maximum": LONGEST, "description": "How long `later` is."},
        "reason": {"type": "string", "maxLength": REASON, "description": "Why it may wait; kept."},
    },
}  # fmt: skip


class Open(BaseModel):
    """Something due that failed. `ref` is empty for a draft; `cause` is the kind of fault, never what people wrote."""

    id: int
    kind: str
    ref: str
    cause: str
    attempts: int
    first_at: datetime
    last_at: datetime
    retry_at: datetime


class Mended(BaseModel):
    """How many incidents it was done for."""

    count: int


@router.get("", responses=refusals(400))
async def listed(request: Request, reader: ApiReader, language: Language, part: Parts) -> shapes.Page[Open]:
    """What the clock could not do, oldest first."""
    _check(reader)
    async with reading(request.app.state.engine) as session:
        rows = await session.exec(select(Incident).order_by(col(Incident.id)).limit(part.size).offset(part.offset))
        return part.of([Open(**row.model_dump(exclude={"subject_id"})) for row in rows], await open_incidents(session))


@router.post(
    "/actions", status_code=201, response_model=Mended, responses=refusals(400, 409), openapi_extra=made(ACTION)
)
async def mend(once: DoOnce, body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Have incidents tried again at once, or put some off."""
    _check(once.reader)
    wish, every = _wish(body)

    async def work(session: AsyncSession) -> Made:
        if wish.what == "later":
            until = now() + timedelta(days=int(wish.days))
            count = await postpone(session, wish.chosen, until, wish.reason, once.reader.person.id)
        else:
            count = await try_again(session, None if every else wish.chosen)
        return Mended(count=count), "/api/v1/incidents"

    return await once.do(work)


def _wish(body: Mapping[str, Any]) -> tuple[Wish, bool]:
    """What is asked, and whether of all. Raises FaultyNeeds."""
    faults = not_asked(body, FIELDS)
    action, ids, days, reason = (body.get(name) for name in FIELDS)
    if action not in ("again", "later"):
        faults.append(Fault("action", "not_a_choice" if action else "missing"))
    if ids is not None and not (isinstance(ids, list) and all(type(one) is int and 0 < one < NUMBER for one in ids)):
        faults.append(Fault("incidents", "wrong"))
    if reason is not None and not (isinstance(reason, str) and storable(reason)):
        faults.append(Fault("reason", "not_accepted"))
    if faults:
        raise FaultyNeeds(faults)
    every = ids is None and action == "again"
    what = "later" if action == "later" else "all" if every else "chosen"
    wish = Wish(what, ids or [], str(days) if type(days) is int else "", (reason or "").strip()).checked()
    if wish.faults:
        raise FaultyNeeds([Fault("incidents", one.code) if one.field == "incident" else one for one in wish.faults])
    return wish, every


def _check(reader: ApiReader) -> None:
    if not reader.roles & MENDERS:
        raise NotForYou

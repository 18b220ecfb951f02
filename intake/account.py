"""My account: who I am here, and who stands in while I am away. An administrator can plan it for others."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.fields import message
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.absence import Absence, absences_of, go_away
from schemas.database import reading, writing
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.people import note
from schemas.rules import Role

router = APIRouter()
Typed = dict[str, str]


@router.get("/account")
async def own(request: Request, reader: KnownReader) -> Response:
    """One's own page."""
    return await _page(request, reader, reader.person.id, {}, [])


@router.get("/people/{person_id}/absence")
async def of_other(request: Request, reader: KnownReader, person_id: int) -> Response:
    """Somebody else's absences, for an administrator."""
    return await _page(request, reader, _may(reader, person_id), {}, [])


@router.post("/account/absences")
async def plan(request: Request, reader: KnownReader) -> Response:
    """Go away."""
    return await _plan(request, reader, reader.person.id)


@router.post("/people/{person_id}/absence")
async def plan_for(request: Request, reader: KnownReader, person_id: int) -> Response:
    """Plan it for somebody else."""
    return await _plan(request, reader, _may(reader, person_id))


@router.post("/absences/{absence_id}/end")
async def come_back(request: Request, reader: KnownReader, absence_id: int) -> Response:
    """Take a planned absence away, or be back sooner."""
    async with writing(request.app.state.engine) as session:
        row = await session.get(Absence, absence_id) if 0 < absence_id < 2**31 else None
        if row is None:
            raise NotFound("page")
        person_id = _may(reader, row.person_id)
        note(session, reader.person.id, person_id, "back", until=row.ends_on.isoformat())
        await session.delete(row)
    return RedirectResponse(_home(reader, person_id) + "?done=back", 303)


def _may(reader: Reader, person_id: int) -> int:
    if person_id != reader.person.id and not any(one.role == Role.ADMIN for one in reader.own):
        raise NotForYou
    return person_id


def _home(reader: Reader, person_id: int) -> str:
    return "/account" if person_id == reader.person.id else f"/people/{person_id}/absence"


async def _plan(request: Request, reader: Reader, person_id: int) -> Response:
    async with request.form() as sent:
        typed = {key: str(value).strip() for key, value in sent.items()}
    try:
        async with writing(request.app.state.engine) as session:
            first, last = _day(typed, "starts_on"), _day(typed, "ends_on")
            substitute = await _substitute(session, typed.get("substitute", ""))
            planned = Absence(person_id=person_id, substitute_id=substitute.id, starts_on=first, ends_on=last,
                              made_by_id=reader.person.id)  # fmt: skip
            await go_away(session, planned, now().date())
            note(session, reader.person.id, person_id, "away", substitute=substitute.id,
                 since=first.isoformat(), until=last.isoformat())  # fmt: skip
    except FaultyNeeds as error:
        return await _page(request, reader, person_id, typed, error.faults)
    return RedirectResponse(_home(reader, person_id) + "?done=away", 303)


def _day(typed: Typed, name: str) -> date:
    try:
        return date(*(int(typed.get(f"{name}-{part}", "")) for part in ("year", "month", "day")))
    except ValueError:
        raise FaultyNeeds([Fault(name, "not_a_date")]) from None


async def _substitute(session: AsyncSession, email: str) -> Person:
    query = select(Person).where(Person.email == email.lower().replace("\x00", ""))
    found = (await session.exec(query)).first()
    if found is None:
        raise FaultyNeeds([Fault("substitute", "nobody_known" if email else "missing")])
    return found


async def _page(request: Request, reader: Reader, person_id: int, typed: Typed, faults: list[Fault]) -> Response:
    language, today = language_of(request, reader), now().date()
    async with reading(request.app.state.engine) as session:
        who = await session.get(Person, person_id) if 0 < person_id < 2**31 else None
        if who is None:
            raise NotFound("page")
        rows = await absences_of(session, person_id, today)
        names = select(Person).where(col(Person.id).in_([*(one.substitute_id for one in rows), *reader.places]))
        people = {one.id: one.name for one in await session.exec(names)}
    said: dict[str, Any] = {fault.field: message(language, fault) for fault in faults}
    days = {name: "-".join(typed.get(f"{name}-{part}", "") for part in ("year", "month", "day"))
            for name in ("starts_on", "ends_on")}  # fmt: skip
    mine = person_id == reader.person.id
    return page(
        request, "account.html", reader, status=400 if faults else 200, who=who, mine=mine, rows=rows, people=people,
        places=[people[one] for one in reader.places] if mine else [], said=said, typed=typed | days,
        faults=[{"href": f"#{field}", "text": text} for field, text in said.items()],
        action="/account/absences" if mine else f"/people/{person_id}/absence", done=request.query_params.get("done"),
    )  # fmt: skip

"""One edition of an offering: the dates that the calendar gives it, and those of its own."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.fields import fields, read_form, summary
from intake.institution.house import House, frame, offering_in, supplier
from intake.institution.runs import usual_facts
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.facts import named
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Offering, Organisation, Period
from schemas.supply import edition_of
from schemas.supply_facts import own
from schemas.supply_form import EDITION

router = APIRouter(prefix="/institution/{house}")


@router.get("/edition")
async def edition(request: Request, reader: KnownReader, house: House, offering: str, term: str) -> Response:
    """One edition, with the dates that the calendar gives it and those of its own."""
    async with reading(request.app.state.engine) as session:
        row, period = await _edition(session, house, offering, term)
        typed = own(await edition_of(session, row.id, period.id))
    return await _page(request, reader, house, row, period, typed, [])


async def _edition(session: AsyncSession, house: Organisation, offering: str, term: str) -> tuple[Offering, Period]:
    row, period = await offering_in(session, house, offering), await session.get(Period, term.replace("\x00", ""))
    if period is None or period.institution_id != house.id:
        raise NotFound("page")
    return row, period


async def _page(
    request: Request, reader: Reader, house: Organisation, row: Offering, period: Period, typed: dict[str, Any],
    faults: list[Fault],
) -> Response:  # fmt: skip
    language = language_of(request, reader)
    made = fields(language, EDITION, (), {"open": "yes"} | typed, faults, {}, "supply")
    return page(
        request, "institution/edition.html", reader, status=400 if faults else 200, **frame(house, language),
        offering=row, name=named(row, language), period=period, fields=made, usual=usual_facts(row, period),
        faults=summary(language, made),
    )  # fmt: skip


@router.post("/edition")
async def saved(request: Request, reader: KnownReader, house: House, offering: str, term: str) -> Response:
    """Save one edition; an empty date follows the calendar again."""
    async with request.form() as sent:
        typed = read_form(EDITION, sent)
    async with reading(request.app.state.engine) as session:
        row, period = await _edition(session, house, offering, term)
    try:
        async with writing(request.app.state.engine) as session:
            await offering_in(session, house, offering, alone=True)
            await supplier(session, house, reader).edition(row, period, typed, usual_facts(row, period))
    except FaultyNeeds as error:
        return await _page(request, reader, house, row, period, typed, error.faults)
    return RedirectResponse(f"/institution/{house.id}/catalogue/{offering}?done=edition#editions", 303)

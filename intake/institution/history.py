"""Who changed what in a supply."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.institution.house import House, frame, offerings_of
from intake.institution.words import change_row
from intake.language import language_of
from intake.pages import page
from schemas.database import reading
from schemas.facts import named
from schemas.parties import Organisation, Person
from schemas.supply import SupplyChange

router = APIRouter(prefix="/institution/{house}")


@router.get("/changes")
async def changes(request: Request, reader: KnownReader, house: House) -> Response:
    """Who changed what in this supply, newest first."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        past = await changes_of(session, house, language)
    return page(request, "institution/changes.html", reader, **frame(house, language), past=past)


async def changes_of(
    session: AsyncSession, house: Organisation, language: str, offering: str = ""
) -> list[dict[str, Any]]:
    """The latest two hundred changes, of an institution or of one offering."""
    query = select(SupplyChange, Person.name).join(Person, col(Person.id) == SupplyChange.actor_id)
    query = query.where(SupplyChange.institution_id == house.id).order_by(col(SupplyChange.id).desc()).limit(200)
    query = query.where(SupplyChange.offering_id == offering) if offering else query
    found = [(row, name) for row, name in await session.exec(query)]
    names = {one.id: named(one, language) for one in await offerings_of(session, house.id)}
    return [change_row(row, name, names.get(row.offering_id or "", ""), house, language) for row, name in found]

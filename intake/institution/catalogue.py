"""The catalogue for its broker: the list with its filter, one offering with its editions, and who changed what."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from intake.access import KnownReader
from intake.institution.history import changes_of
from intake.institution.house import House, frame, offering_in, offerings_of
from intake.institution.runs import runs_of
from intake.institution.words import fact_rows
from intake.language import language_of
from intake.pages import page
from schemas.database import reading
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Offering, Organisation
from schemas.supply_form import FIELDS, flat
from schemas.words import word

router = APIRouter(prefix="/institution/{house}")


@router.get("/catalogue")
async def catalogue(
    request: Request, reader: KnownReader, house: House, text: str = "", kind: str = "", show: str = ""
) -> Response:
    """Everything on offer, or what stopped, to search and to filter by kind."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        every = await offerings_of(session, house.id)
    rows = [one for one in every if one.offered != (show == "stopped")]
    kinds = {name: sum(one.kind == name for one in rows) for name in FIELDS["kind"].choices}
    words = text.casefold().split()
    found = [one for one in rows if kind in ("", one.kind) and all(word in _searched(one) for word in words)]
    return page(
        request, "institution/catalogue.html", reader, **frame(house, language), text=text, kind=kind, show=show,
        rows=[_listed(one, house, language) for one in found], kinds={name: n for name, n in kinds.items() if n},
        total=len(rows), stopped=sum(not one.offered for one in every), done=request.query_params.get("done"),
        count=request.query_params.get("count", ""),
    )  # fmt: skip


def _searched(offering: Offering) -> str:
    return " ".join(str(value) for value in flat(offering).values()).casefold()


def _listed(one: Offering, house: Organisation, language: str) -> dict[str, Any]:
    units = house.data.get("units", {})
    return {
        "id": one.id, "name": named(one, language), "kind": word(language, f"supply.kind.choices.{one.kind}"),
        "level": one.level if one.level != "mixed" else word(language, "supply.level.choices.mixed"),
        "unit": units.get(one.data.get("unit"), ""), "seats": one.data.get("seats"),
        "periods": ", ".join(one.data.get("periods", [])),
    }  # fmt: skip


@router.get("/catalogue/{offering}")
async def one(request: Request, reader: KnownReader, house: House, offering: str) -> Response:
    """All facts of one offering, its editions, and its history."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        row = await offering_in(session, house, offering)
        runs = await runs_of(session, house.id, offering=row, after=now().date())
        past = await changes_of(session, house, language, offering=row.id)
    return page(
        request, "institution/offering.html", reader, **frame(house, language), offering=row, runs=runs, past=past,
        name=named(row, language), facts=fact_rows(row, house, language), done=request.query_params.get("done"),
    )  # fmt: skip

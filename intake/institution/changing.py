"""Changing the catalogue: add an offering, change one, stop it and take it up again."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader
from intake.fields import fields, read_form, summary
from intake.institution.house import House, frame, offering_in, supplier
from intake.institution.words import form_options
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from schemas.database import reading, writing
from schemas.facts import named
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Offering, Organisation
from schemas.supply_form import FIELDS, REQUIRED, flat

router = APIRouter(prefix="/institution/{house}/catalogue")
ASKED = {name: need for name, need in FIELDS.items() if name != "id"}
GROUPS = ("name_nl", "languages", "weeks_min", "contact_name", "since")  # with which a part of the form begins


@router.get("/new")
async def blank(request: Request, reader: KnownReader, house: House) -> Response:
    """An empty form."""
    return await _form(request, reader, house, None, {}, [])


@router.post("/new")
async def added(request: Request, reader: KnownReader, house: House) -> Response:
    """Add an offering."""
    return await _save(request, reader, house, "")


@router.get("/{offering}/change")
async def filled(request: Request, reader: KnownReader, house: House, offering: str) -> Response:
    """The form as it is now."""
    async with reading(request.app.state.engine) as session:
        row = await offering_in(session, house, offering)
    return await _form(request, reader, house, row, flat(row), [])


@router.post("/{offering}/change")
async def changed(request: Request, reader: KnownReader, house: House, offering: str) -> Response:
    """Change it."""
    return await _save(request, reader, house, offering)


async def _save(request: Request, reader: Reader, house: Organisation, key: str) -> Response:
    async with request.form() as sent:
        typed = read_form(ASKED, sent)
    row: Offering | None = None
    try:
        async with writing(request.app.state.engine) as session:
            row = await offering_in(session, house, key, alone=True) if key else None
            saved = await supplier(session, house, reader).save(typed, row)
    except FaultyNeeds as error:
        return await _form(request, reader, house, row, typed, error.faults)
    done = "nothing" if saved is None else "changed" if row else "added"
    at = saved.id if saved else key
    return RedirectResponse(f"/institution/{house.id}/catalogue/{at}?done={done}", 303)


async def _form(
    request: Request, reader: Reader, house: Organisation, row: Offering | None, typed: dict[str, Any],
    faults: list[Fault],
) -> Response:  # fmt: skip
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        options = await form_options(session, house, language)
    made = fields(language, ASKED, REQUIRED, typed, faults, options, "supply")
    return page(
        request, "institution/form.html", reader, status=400 if faults else 200, **frame(house, language),
        fields=made, groups=GROUPS, offering=row, name=named(row, language) if row else "",
        faults=summary(language, made),
    )  # fmt: skip


@router.post("/{offering}/stop")
async def stopped(request: Request, reader: KnownReader, house: House, offering: str) -> Response:
    """No longer offered; it stays for history."""
    async with writing(request.app.state.engine) as session:
        row = await offering_in(session, house, offering, alone=True)
        if row.offered:
            await supplier(session, house, reader).stop(row, now().date())
    return RedirectResponse(f"/institution/{house.id}/catalogue/{offering}?done=stopped", 303)


@router.post("/{offering}/resume")
async def resumed(request: Request, reader: KnownReader, house: House, offering: str) -> Response:
    """Offered again."""
    async with writing(request.app.state.engine) as session:
        row = await offering_in(session, house, offering, alone=True)
        if not row.offered:
            await supplier(session, house, reader).resume(row)
    return RedirectResponse(f"/institution/{house.id}/catalogue/{offering}?done=resumed", 303)

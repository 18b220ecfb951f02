"""Single keys that do something on the pages: what they are, and the switch to be rid of them."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader, MaybeReader
from intake.back import local
from intake.pages import page
from schemas.database import writing
from schemas.parties import Person

router = APIRouter()


@router.get("/shortcuts")
async def show(request: Request, reader: MaybeReader) -> Response:
    """The list, also for who has no scripts."""
    return page(request, "desk/shortcuts.html", reader, done="done" in request.query_params)


@router.post("/shortcuts")
async def switch(request: Request, reader: KnownReader) -> Response:
    """On or off, for this person, on every machine."""
    async with request.form() as sent:
        wanted, back = sent.get("shortcuts") == "on", local(str(sent.get("from", "")))
    async with writing(request.app.state.engine) as session:
        person = await session.get_one(Person, reader.person.id)
        person.shortcuts = wanted
    return RedirectResponse(back or "/shortcuts?done=1", 303)

"""Messages that came in: the list, one message, and what those who see to the mail do about it."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader, NotForYou
from intake.fields import message
from intake.language import language_of, speaking
from intake.mail_care import cares
from intake.one_received import NEEDS, act, actions_for, found
from intake.pages import page
from intake.received import LISTS, Seen, counts, listed
from intake.received_words import doubt, kind_words, remarks, removed, state_words, title
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.mail import TooLate
from schemas.needs import Fault, FaultyNeeds

router = APIRouter()
SIZE = 25


@router.get("/received")
async def received(request: Request, reader: KnownReader, which: str = "loose", page_number: int = 1) -> Response:
    """What came in, the latest first, for those who see to the mail."""
    if not cares(reader):
        raise NotForYou
    which, number = which if which in LISTS else "all", max(1, min(page_number, 10**6))
    async with reading(request.app.state.engine) as session:
        rows, total = await listed(session, which, SIZE, (number - 1) * SIZE)
        numbers = await counts(session)
    with speaking(language_of(request, reader)):
        lines = [line(one) for one in rows]
    onward = {"prev": number - 1 if number > 1 else 0, "next": number + 1 if number * SIZE < total else 0}
    pages = {
        name: f"/received?{urlencode({'which': which, 'page_number': n})}" if n else "" for name, n in onward.items()
    }
    return page(request, "received/list.html", reader, rows=lines, total=total, first=(number - 1) * SIZE + 1,
                which=which, counts=numbers, pages=pages)  # fmt: skip


def line(seen: Seen) -> dict[str, Any]:
    """A message as a row of a list."""
    row = seen.row
    return {"row": row, "title": title(seen), "kind": kind_words(row), "state": state_words(row), "at": row.at,
            "question": seen.question, "maybe": seen.maybe}  # fmt: skip


@router.get("/received/{number}")
async def show(request: Request, reader: KnownReader, number: int) -> Response:
    """One message, as text: nothing in it is run, fetched or followed."""
    return await _show(request, reader, number, {}, [])


async def _show(
    request: Request, reader: Reader, number: int, typed: dict[str, str], faults: list[Fault], remove: bool = False
) -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        seen = await found(session, reader, number)
    if seen is None:
        raise NotFound("page")
    if remove and "remove" not in actions_for(reader, seen.row):
        raise NotForYou
    with speaking(language):
        told = line(seen) | {"doubt": doubt(seen), "more": remarks(seen.row),
                             "removed": removed(seen) if seen.row.removed_at else ""}  # fmt: skip
    said = {fault.field: message(language, fault) for fault in faults}
    return page(
        request, "received/remove.html" if remove else "received/one.html", reader, status=400 if faults else 200,
        seen=seen, told=told, can=actions_for(reader, seen.row), typed=typed, said=said, carer=cares(reader),
        faults=[{"href": f"#{name}", "text": one} for name, one in said.items()],
        done=request.query_params.get("done"), late=request.query_params.get("late"),
    )  # fmt: skip


@router.get("/received/{number}/remove")
async def ask_remove(request: Request, reader: KnownReader, number: int) -> Response:
    """Are you sure?"""
    return await _show(request, reader, number, {}, [], remove=True)


@router.post("/received/{number}/{action}")
async def do(request: Request, reader: KnownReader, number: int, action: str) -> Response:
    """Mark as read, attach, put aside or remove: a person's decision, kept with their name."""
    if action not in (*NEEDS, "remove"):
        raise NotFound("page")
    async with request.form() as sent:
        typed = {name: str(sent.get(name, "")).replace("\x00", "").strip() for name in NEEDS.get(action, ())}
    try:
        async with writing(request.app.state.engine) as session:
            if await act(session, reader, number, action, typed) is None:
                raise NotFound("page")
    except FaultyNeeds as error:
        return await _show(request, reader, number, typed, error.faults)
    except TooLate:
        return RedirectResponse(f"/received/{number}?late=1", 303)
    return RedirectResponse(f"/received/{number}?done={action}", 303)

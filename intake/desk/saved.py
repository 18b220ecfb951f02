"""Views that somebody has named: they stand as chips above the list. Everybody has their own."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.desk.wish import Wish
from intake.fields import message
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.desk import SavedView
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.parties import Person

router = APIRouter()
MOST, LONGEST = 20, 40


async def views_of(session: AsyncSession, reader: Reader) -> Sequence[SavedView]:
    """The reader's own, by name."""
    query = select(SavedView).where(SavedView.person_id == reader.person.id)
    return (await session.exec(query.order_by(func.lower(SavedView.name), col(SavedView.id)))).all()


async def keep(session: AsyncSession, reader: Reader, name: str, query: str) -> SavedView:
    """Name a view; one of this name is replaced. Raises FaultyNeeds."""
    # One after the other, so that two at once cannot both be the last that fits.
    await session.exec(select(Person.id).where(Person.id == reader.person.id).with_for_update())
    name, wanted = _name(name), Wish.of_text(query).query()
    known = await views_of(session, reader)
    row = next((one for one in known if one.name == name), None)
    if row is None and len(known) >= MOST:
        raise FaultyNeeds([Fault("name", "too_many_views", str(MOST))])
    row = row or SavedView(person_id=reader.person.id, name=name, query="")
    row.query = wanted
    session.add(row)
    await session.flush()
    return row


async def rename(session: AsyncSession, reader: Reader, view_id: int, name: str) -> SavedView:
    """Give another name. Raises NotFound or FaultyNeeds."""
    row, name = await own(session, reader, view_id), _name(name)
    if any(one.name == name and one.id != row.id for one in await views_of(session, reader)):
        raise FaultyNeeds([Fault("name", "taken")])
    row.name = name
    session.add(row)
    await session.flush()
    return row


async def own(session: AsyncSession, reader: Reader, view_id: int) -> SavedView:
    """One of the reader's views; nobody else's can be had. Raises NotFound."""
    row = await session.get(SavedView, view_id) if 0 < view_id < 2**31 else None
    if row is None or row.person_id != reader.person.id:
        raise NotFound("page")
    return row


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or not storable(name):
        raise FaultyNeeds([Fault("name", "not_accepted" if name else "missing")])
    if len(name) > LONGEST:
        raise FaultyNeeds([Fault("name", "too_long", str(LONGEST))])
    return name


@router.get("/desk/views")
async def show(request: Request, reader: KnownReader) -> Response:
    """One's own views, to name and take away; with `query` also one to keep."""
    return await _page(request, reader, request.query_params.get("query", ""), "", {})


@router.post("/desk/views")
async def save(request: Request, reader: KnownReader) -> Response:
    """Keep a view."""
    async with request.form() as sent:
        name, query = str(sent.get("name", "")), str(sent.get("query", ""))
    try:
        async with writing(request.app.state.engine) as session:
            row = await keep(session, reader, name, query)
    except FaultyNeeds as error:
        return await _page(request, reader, query, name, {"name": error.faults[0]})
    return RedirectResponse(f"/desk?{row.query}#list", 303)


@router.post("/desk/views/{view_id}")
async def change(request: Request, reader: KnownReader, view_id: int) -> Response:
    """Rename it, or take it away."""
    async with request.form() as sent:
        name, gone = str(sent.get("name", "")), "remove" in sent
    try:
        async with writing(request.app.state.engine) as session:
            if gone:
                await session.delete(await own(session, reader, view_id))
            else:
                await rename(session, reader, view_id, name)
    except FaultyNeeds as error:
        return await _page(request, reader, "", name, {f"name-{view_id}": error.faults[0]})
    return RedirectResponse("/desk/views", 303)


async def _page(request: Request, reader: Reader, query: str, typed: str, faults: dict[str, Fault]) -> Response:
    language = language_of(request, reader)
    said = {field: message(language, fault) for field, fault in faults.items()}
    async with reading(request.app.state.engine) as session:
        views = await views_of(session, reader)
    return page(
        request, "desk/views.html", reader, status=400 if faults else 200, views=views, most=MOST, longest=LONGEST,
        query=Wish.of_text(query).query() if query else "", typed=typed, said=said,
        faults=[{"href": f"#{field}", "text": text} for field, text in said.items()],
    )  # fmt: skip

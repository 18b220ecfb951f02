"""What the clock could not do: shown to those who can have it mended, and tried again at once when they ask."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.pages import page
from intake.sight import Reader
from schemas.database import reading, writing
from schemas.incidents import Incident, open_incidents
from schemas.moment import now
from schemas.rules import Role

router = APIRouter()
SHOWN = 100
MENDERS = {Role.COORDINATOR, Role.ADMIN}


@router.get("/incidents")
async def show(request: Request, reader: KnownReader) -> Response:
    """The incidents that are open, oldest first."""
    _check(reader)
    async with reading(request.app.state.engine) as session:
        rows = (await session.exec(select(Incident).order_by(col(Incident.id)).limit(SHOWN))).all()
        return page(request, "incidents.html", reader, rows=rows)


@router.post("/incidents")
async def again(request: Request, reader: KnownReader) -> Response:
    """Try everything again now."""
    _check(reader)
    async with writing(request.app.state.engine) as session:
        await session.exec(update(Incident).values(retry_at=now()))
    return RedirectResponse("/incidents", 303)


async def incidents_for(session: AsyncSession, reader: Reader) -> int:
    """How many this reader should know of."""
    return await open_incidents(session) if reader.roles & MENDERS else 0


def _check(reader: Reader) -> None:
    if not reader.roles & MENDERS:
        raise NotForYou

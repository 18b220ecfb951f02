"""Whether this process lives, and whether everything around it does its part."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlmodel import select

from schemas.access import Sign
from schemas.case import cooperation_of
from schemas.database import reading
from schemas.incidents import open_incidents
from schemas.moment import now
from schemas.settings import settings

router = APIRouter(prefix="/health")
PARTS = ("flows", "prefect", "mail")
INBOX = "inbox"  # a part only where mail that comes in is read
FRESH = timedelta(seconds=15)
PATIENCE = 5.0  # seconds for the database to answer
STARTED = now()
Part = dict[str, Any]


@router.get("/live")
async def live() -> dict[str, str]:
    """200 as soon as the process answers."""
    return {"status": "live"}


@router.get("/ready")
async def ready(request: Request) -> JSONResponse:
    """200 when every part does its work, else 503 with what is missing and since when."""
    parts: dict[str, Part] = {}
    incidents: int | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            signs, incidents = await _signs(request)
        request.app.state.database_lost = None
        parts["database"] = {"ok": True, "note": ""}
    except Exception as error:
        lost = getattr(request.app.state, "database_lost", None) or now()
        request.app.state.database_lost = lost
        parts["database"] = _missing(_cause(error), lost)
        signs = {}
    parts |= {name: part_of(signs.get(name), "database" if not parts["database"]["ok"] else "") for name in _parts()}
    missing = {name: part for name, part in parts.items() if not part["ok"]}
    status = {"status": "not ready" if missing else "ready", **parts, "missing": list(missing),
              "incidents": incidents}  # fmt: skip
    return JSONResponse(status, 503 if missing else 200, {"Cache-Control": "no-store"})


def _parts() -> tuple[str, ...]:
    return (*PARTS, INBOX) if settings().inbox.get_secret_value() else PARTS


async def _signs(request: Request) -> tuple[Mapping[str, Sign], int]:
    async with reading(request.app.state.engine) as session:
        await cooperation_of(session)
        signs = {sign.name: sign for sign in await session.exec(select(Sign))}
        return signs, await open_incidents(session)


def _cause(error: Exception) -> str:
    # Only what we wrote ourselves is fit to be read by everybody; a driver's message may name hosts and users.
    return str(error) if type(error) is LookupError else f"The database does not answer ({type(error).__name__})."


def _missing(note: str, since: datetime) -> Part:
    return {"ok": False, "note": note, "since": since.isoformat()}


def part_of(sign: Sign | None, unseen: str = "") -> Part:
    """A part as its last sign of life tells it; one that has been silent for 15 seconds is missing."""
    if sign is None:
        return _missing(f"Not known without the {unseen}." if unseen else "It has not given a sign of life.", STARTED)
    if now() - sign.at > FRESH:
        return _missing("It has stopped giving signs of life.", sign.at)
    if not sign.ok:
        return _missing(sign.note, sign.since)
    return {"ok": True, "note": sign.note, "since": sign.since.isoformat()}

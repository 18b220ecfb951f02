"""The papers of a meeting as pages and as PDF, and closing it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from intake.access import KnownReader, NotForYou
from intake.hosting import close_one, is_host, meeting_seen
from intake.language import language_of
from intake.meetings import show
from intake.pages import page
from intake.sight import Reader
from reports.papers import decision_list, pack
from reports.pdf import file_name, pdf
from schemas.database import reading, writing
from schemas.needs import FaultyNeeds

router = APIRouter(prefix="/meetings/{meeting_id}")
KINDS = {"pack": pack, "decisions": decision_list}


async def paper_of(request: Request, reader: Reader, meeting_id: int, kind: str, language: str) -> dict[str, Any]:
    """The paper as it was mailed; before that, as it would be mailed now."""
    meeting = await meeting_seen(request, reader, meeting_id)
    kept: dict[str, Any] = (meeting.pack if kind == "pack" else meeting.decisions).get(language, {})
    if kept:
        return kept | {"frozen": True}
    async with reading(request.app.state.engine) as session:
        return await KINDS[kind](session, meeting, language) | {"frozen": False}


async def _page(request: Request, reader: Reader, meeting_id: int, kind: str) -> Response:
    paper = await paper_of(request, reader, meeting_id, kind, language_of(request, reader))
    return page(request, f"meetings/{kind}.html", reader, paper=paper, meeting=paper["meeting"],
                base=f"/meetings/{meeting_id}", host=is_host(reader))  # fmt: skip


async def _file(request: Request, reader: Reader, meeting_id: int, kind: str) -> Response:
    paper = await paper_of(request, reader, meeting_id, kind, language_of(request, reader))
    headers = {"Content-Disposition": f'attachment; filename="{file_name(paper)}"', "Cache-Control": "no-store"}
    return Response(await run_in_threadpool(pdf, paper), media_type="application/pdf", headers=headers)


@router.get("/pack")
async def the_pack(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Agenda and papers, to read."""
    return await _page(request, reader, meeting_id, "pack")


@router.get("/pack.pdf")
async def the_pack_as_pdf(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Agenda and papers, to take along."""
    return await _file(request, reader, meeting_id, "pack")


@router.get("/decisions")
async def the_decisions(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """What was decided."""
    return await _page(request, reader, meeting_id, "decisions")


@router.get("/decisions.pdf")
async def the_decisions_as_pdf(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """What was decided, to keep."""
    return await _file(request, reader, meeting_id, "decisions")


@router.post("/close")
async def closed(request: Request, reader: KnownReader, meeting_id: int) -> Response:
    """Close the meeting: the decision list goes to everybody."""
    if not is_host(reader):
        raise NotForYou
    try:
        async with writing(request.app.state.engine) as session:
            await close_one(session, reader, meeting_id)
    except FaultyNeeds as error:
        return await show(request, reader, meeting_id, error.faults)
    return RedirectResponse(f"/meetings/{meeting_id}/decisions?done=closed", 303)

"""Throwing a draft away: whoever holds its link may, after being asked once more."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import MaybeReader
from intake.ask import draft_id, draft_of
from intake.pages import page
from schemas.database import reading, writing
from schemas.rules import Role
from schemas.steps import Actor, take_step

router = APIRouter()
DraftId = Annotated[int, Depends(draft_id)]


@router.get("/ask/{token}/discard")
async def sure(request: Request, reader: MaybeReader, token: str, question_id: DraftId) -> Response:
    """What would be gone."""
    async with reading(request.app.state.engine) as session:
        question = await draft_of(session, question_id)
        return page(request, "ask/discard.html", reader, token=token, title=question.form.get("title", ""))


@router.post("/ask/{token}/discard")
async def discard(request: Request, token: str, question_id: DraftId) -> Response:
    """It is gone, with everything that was typed."""
    async with writing(request.app.state.engine) as session:
        await take_step(session, await draft_of(session, question_id), "discard", Actor(None, Role.SUBMITTER))
    return RedirectResponse("/ask?done=discarded", 303)

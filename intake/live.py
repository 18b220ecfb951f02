"""The hints beside the form while somebody types: a piece of a page, asked for by htmx."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from intake.access import MaybeReader
from intake.ask import DraftId, draft_of
from intake.fields import read_form
from intake.hints import hints_for
from intake.language import language_of
from intake.memory import memory_of
from intake.pages import page
from schemas.database import reading
from schemas.form import FIELDS
from schemas.subjects import Question

router = APIRouter()


@router.post("/ask/{token}/hints")
async def hints(request: Request, reader: MaybeReader, token: str, question_id: DraftId) -> Response:
    """The hints for what has been typed so far, on top of what was kept. Keeps nothing itself."""
    async with request.form() as sent:
        typed = read_form({name: need for name, need in FIELDS.items() if _is_in(sent, name)}, sent)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        draft = await draft_of(session, question_id)
        form = draft.form | typed
        question = Question(title=str(form.get("title") or ""), form=form, language=draft.language)
        found = await hints_for(session, memory_of(request), question, reader, language)
    return page(request, "ask/hints.html", reader, hints=found, live=True)


def _is_in(sent: Any, name: str) -> bool:
    return name in sent or f"{name}-day" in sent

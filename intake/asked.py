"""The confirmation of a question: its reference, who gets which mail, what happens when."""

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import select

from intake.access import MaybeReader
from intake.language import language_of
from intake.pages import page
from intake.story import letters_of
from intake.trouble import NotFound
from schemas.case import open_case
from schemas.database import reading
from schemas.ledger import Entry
from schemas.links import read_status_token
from schemas.standing import standing
from schemas.subjects import Question

router = APIRouter()


@router.get("/asked/{token}")
async def asked(request: Request, reader: MaybeReader, token: str) -> Response:
    """The confirmation: the reference, who gets which mail, what happens when."""
    found = read_status_token(token)
    if found is None:
        raise NotFound("link")
    async with reading(request.app.state.engine) as session:
        question = await session.get(Question, found[0])
        if question is None or question.ref is None:
            raise NotFound("question")
        case = await open_case(session, question)
        first = (
            await session.exec(select(Entry).where(Entry.question_id == question.id, Entry.step == "submit"))
        ).one()
        return page(
            request, "ask/asked.html", reader, question=question, token=token,
            letters=await letters_of(session, entry_id=first.id),
            now=standing(case, language_of(request, reader)),
            contact=case.cooperation.data.get("contact", {}),
        )  # fmt: skip

"""One letter as it was sent, with all that happened to it, and what those who see to the mail can do about it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.letter_history import history
from intake.mail_care import actions_for, found, shown_state
from intake.pages import page
from intake.preview import folded_into, subject_of
from intake.sight import Reader
from intake.story import kind_of_letter
from intake.telling import STAFF
from intake.trouble import NotFound
from schemas.database import reading
from schemas.digests import NAME
from schemas.ledger import Letter
from schemas.letter_texts import own_texts
from schemas.logs import without_keys
from schemas.moment import now
from schemas.parties import Person
from schemas.subjects import Question

router = APIRouter()


@router.get("/letters/{letter_id}")
async def letter(request: Request, reader: KnownReader, letter_id: int) -> Response:
    """One letter as it was sent, for its recipient and for those who see to the mail."""
    async with reading(request.app.state.engine) as session:
        row = await letter_for(session, reader, letter_id)
        context = await about(session, row)
        lines = (await history(session, [row.id])).get(row.id, [])
        can = await actions_for(session, reader, row)
        carried = await carried_by(session, row)
    return page(request, "letter.html", reader, **context, staff=bool(reader.roles & STAFF), history=lines, can=can,
                carried=carried, folded=folded_into(row), moment_now=now(),
                done=request.query_params.get("done"), late=request.query_params.get("late"))  # fmt: skip


async def carried_by(session: AsyncSession, row: Letter) -> list[dict[str, Any]]:
    """The letters that a digest tells of."""
    if row.name != NAME:
        return []
    query = select(Letter).where(Letter.digest_id == row.id).order_by(col(Letter.id))
    rows = (await session.exec(query)).all()
    own = await own_texts(session, {one.name for one in rows})
    return [{"id": one.id, "subject": subject_of(one, own)} for one in rows]


async def letter_for(session: AsyncSession, reader: Reader, letter_id: int) -> Letter:
    """The letter, for its recipient and for staff. Raises NotFound, NotForYou."""
    row = await found(session, reader, letter_id)
    if row is None:
        raise NotFound("letter")
    if row.recipient_id != reader.person.id and not reader.roles & STAFF:
        raise NotForYou
    return row


async def about(session: AsyncSession, row: Letter) -> dict[str, Any]:
    """What the pages of a letter tell of it."""
    own = await own_texts(session, {row.name})
    return {
        "letter": row, "title": subject_of(row, own), "shape": kind_of_letter(row), "state": shown_state(row),
        "sent_text": without_keys(row.text or ""),  # its links let its recipient in, and nobody else
        "recipient": await session.get_one(Person, row.recipient_id),
        "question": await session.get(Question, row.question_id) if row.question_id else None,
    }  # fmt: skip

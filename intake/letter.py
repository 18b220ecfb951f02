"""One letter as it was sent, and sending it again when it did not arrive for certain."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.pages import page
from intake.sight import Reader
from intake.story import SEEN_AS
from intake.telling import STAFF
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.ledger import Letter, LetterState
from schemas.moment import now
from schemas.parties import Person
from schemas.rules import Role
from schemas.subjects import Question

router = APIRouter()


@router.get("/letters/{letter_id}")
async def letter(request: Request, reader: KnownReader, letter_id: int) -> Response:
    """One letter as it was sent, for its recipient and for those who see to the mail."""
    async with reading(request.app.state.engine) as session:
        row = await _letter(session, reader, letter_id)
        recipient = await session.get_one(Person, row.recipient_id)
        question = await session.get(Question, row.question_id) if row.question_id else None
    return page(request, "letter.html", reader, letter=row, recipient=recipient, question=question,
                staff=bool(reader.roles & STAFF), shape=SEEN_AS[LetterState(row.state)])  # fmt: skip


async def _letter(session: AsyncSession, reader: Reader, letter_id: int) -> Letter:
    row = await session.get(Letter, letter_id) if 0 < letter_id < 2**31 else None
    if row is None or row.name == "sign-in":
        raise NotFound("letter")
    if row.recipient_id != reader.person.id and not reader.roles & STAFF:
        raise NotForYou
    return row


@router.post("/letters/{letter_id}/resend")
async def resend(request: Request, reader: KnownReader, letter_id: int) -> Response:
    """Owe a letter again that did not arrive for certain; a person's decision, never the system's."""
    if not reader.roles & {Role.COORDINATOR, Role.ADMIN}:
        raise NotForYou
    async with writing(request.app.state.engine) as session:
        row = await _letter(session, reader, letter_id)
        if row.state in (LetterState.UNCERTAIN, LetterState.REFUSED, LetterState.BOUNCED):
            recipient = await session.get_one(Person, row.recipient_id)
            row.state, row.due_at, row.attempts, row.email = LetterState.OWED, now(), 0, recipient.email
            row.lease = row.lease_until = None
    return RedirectResponse(f"/letters/{letter_id}", 303)

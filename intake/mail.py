"""The mail-health page: how letters fare, and the list of those in trouble or in any other state."""

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.language import language_of, speaking
from intake.mail_care import cares, shown_state
from intake.mail_figures import SHOWN, figures
from intake.mail_list import listed
from intake.pages import page
from intake.preview import subject_of
from intake.received import listed as listed_received
from intake.received_pages import line
from intake.story import kind_of_letter
from schemas.database import reading
from schemas.ledger import Letter
from schemas.letter_texts import own_texts
from schemas.parties import Person
from schemas.subjects import Question

router = APIRouter()
SIZE, DOMAINS, LOOSE = 25, 10, 10


@router.get("/mail")
async def mail(
    request: Request, reader: KnownReader, state: str = "troubled", domain: str = "", text: str = "",
    page_number: int = 1,
) -> Response:  # fmt: skip
    """How letters fare; below it the list. For those who see to the mail."""
    if not cares(reader):
        raise NotForYou
    chosen = {"state": state if state in (*SHOWN, "troubled") else "all", "domain": domain.replace("\x00", ""),
              "text": text.replace("\x00", "").strip()}  # fmt: skip
    number = max(1, min(page_number, 10**6))
    where = listed(**chosen)
    query = (
        select(Letter, Person.name, Question.ref)
        .join(Person, col(Person.id) == Letter.recipient_id)
        .join(Question, col(Question.id) == Letter.question_id, isouter=True)
        .where(*where).order_by(col(Letter.id).desc()).limit(SIZE).offset((number - 1) * SIZE)
    )  # fmt: skip
    async with reading(request.app.state.engine) as session:
        found = await figures(session)
        total = (await session.exec(select(func.count()).select_from(Letter).where(*where))).one()
        listed_rows = (await session.exec(query)).all()
        own = await own_texts(session, {letter.name for letter, *_ in listed_rows})
        rows: list[dict[str, Any]] = [
            {
                "letter": letter,
                "subject": subject_of(letter, own),
                "name": name,
                "ref": ref,
                "state": shown_state(letter),
                "kind": kind_of_letter(letter),
            }
            for letter, name, ref in listed_rows
        ]
        arrived = await _arrived(session, language_of(request, reader))
    return page(
        request, "mail.html", reader, **arrived, figures=found, rows=rows, total=total, first=(number - 1) * SIZE + 1,
        domains=found.domains[:DOMAINS], href=_to, pages=_pages(chosen, number, total), state=chosen["state"],
        domain=chosen["domain"], text=chosen["text"],
    )  # fmt: skip


async def _arrived(session: AsyncSession, language: str) -> dict[str, Any]:
    """The latest of what came in and belongs to no question yet, and how much of it there is."""
    found, total = await listed_received(session, "loose", LOOSE)
    with speaking(language):
        return {"arrived": [line(one) for one in found], "waiting": total}


def _to(**chosen: object) -> str:
    return "/mail?" + urlencode({name: str(value) for name, value in chosen.items() if value}) + "#list"


def _pages(chosen: dict[str, str], number: int, total: int) -> dict[str, str]:
    return {
        "prev": _to(**chosen, page_number=number - 1) if number > 1 else "",
        "next": _to(**chosen, page_number=number + 1) if number * SIZE < total else "",
    }

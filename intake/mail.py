"""The mail-health page: how letters fare, and the list of those in trouble or in any other state."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.desk.walking import MANY, capped
from intake.language import language_of, speaking
from intake.mail_care import cares, shown_state
from intake.mail_figures import SHOWN
from intake.mail_list import listed
from intake.pages import page
from intake.preview import subject_of
from intake.received import listed as listed_received
from intake.received_pages import line
from intake.story import kind_of_letter
from schemas.database import reading
from schemas.ledger import Letter
from schemas.letter_texts import own_texts
from schemas.moment import now
from schemas.parties import Person
from schemas.subjects import Question

router = APIRouter()
SIZE, DOMAINS, LOOSE = 25, 10, 10
OLD = timedelta(seconds=2)  # of figures that were not counted for this reader


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
    engine = request.app.state.engine
    found = await request.app.state.mail_figures.read(engine)
    async with reading(engine) as session:
        rows, more = await _rows(session, where, number)
        counted = select(Letter.id).where(*where).limit(MANY + 1).subquery()
        total = (await session.exec(select(func.count()).select_from(counted))).one()
        arrived = await _arrived(session, language_of(request, reader))
    return page(
        request, "mail.html", reader, **arrived, figures=found, old=now() - found.at > OLD, rows=rows,
        total=capped(total), first=(number - 1) * SIZE + 1, domains=found.domains[:DOMAINS], href=_to,
        pages=_pages(chosen, number, more=more), state=chosen["state"], domain=chosen["domain"], text=chosen["text"],
    )  # fmt: skip


async def _rows(
    session: AsyncSession, where: Sequence[ColumnElement[bool]], number: int
) -> tuple[list[dict[str, Any]], bool]:
    """A page of the list, and whether there is another one."""
    query = (
        select(Letter, Person.name, Question.ref)
        .join(Person, col(Person.id) == Letter.recipient_id)
        .join(Question, col(Question.id) == Letter.question_id, isouter=True)
        .where(*where).order_by(col(Letter.id).desc()).limit(SIZE + 1).offset((number - 1) * SIZE)
    )  # fmt: skip
    found = (await session.exec(query)).all()
    own = await own_texts(session, {letter.name for letter, *_ in found[:SIZE]})
    rows = [
        {
            "letter": letter,
            "subject": subject_of(letter, own),
            "name": name,
            "ref": ref,
            "state": shown_state(letter),
            "kind": kind_of_letter(letter),
        }
        for letter, name, ref in found[:SIZE]
    ]
    return rows, len(found) > SIZE


async def _arrived(session: AsyncSession, language: str) -> dict[str, Any]:
    """The latest of what came in and belongs to no question yet, and how much of it there is."""
    found, total = await listed_received(session, "loose", LOOSE)
    with speaking(language):
        return {"arrived": [line(one) for one in found], "waiting": total}


def _to(**chosen: object) -> str:
    return "/mail?" + urlencode({name: str(value) for name, value in chosen.items() if value}) + "#list"


def _pages(chosen: dict[str, str], number: int, *, more: bool) -> dict[str, str]:
    return {
        "prev": _to(**chosen, page_number=number - 1) if number > 1 else "",
        "next": _to(**chosen, page_number=number + 1) if more else "",
    }

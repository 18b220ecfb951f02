"""The offering board for programs: open questions against coming terms, how full institutions are, who stands in line.

Asking institutions is a step of the question: `ask_around`, with `candidates` and `order`.
"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.answers import refusals
from intake.api.door import ApiReader, Language, Ref, question_of
from intake.api.lists import Parts
from intake.api.shapes import Page
from intake.board.houses import houses_of
from intake.board.line import line_of
from intake.board.overview import cells_of, check_reader
from intake.board.walk import part_of
from intake.board.wish import Wish
from intake.language import local, speaking
from intake.memory import memory_of
from matching.board import Board, Cell
from matching.prospects import Supply
from schemas.case import open_case
from schemas.database import reading
from schemas.moment import now
from schemas.subjects import Question

router = APIRouter(tags=["board"], responses=refusals(401, 403))
MOST = 50  # questions in one answer: each is compared with the whole supply
Narrow = Annotated[str, Query(max_length=100)]


class TermCell(BaseModel):
    """The best fitting offering in one coming term.

    `state`: reachable, at_limit, full, too_late, closed or missed. `candidate` is what `ask_around` takes.
    """

    term: str
    institution: str
    offering: str
    candidate: str
    score: float
    state: str
    hand_in_by: date
    starts_on: date
    result_by: date
    left: int | None


class BoardRow(BaseModel):
    """An open question; `hand_in_by` is the next day to hand in somewhere that fits, as it was last worked out."""

    ref: str
    state: str
    title: str
    hand_in_by: date | None
    terms: list[TermCell]


class Load(BaseModel):
    """How full an institution is. `most`: open offers that it takes, null for as many as come."""

    institution: str
    name: str
    open_offers: int
    most: int | None
    running: int


class InLine(BaseModel):
    """One place in the order, or an offer beside it (`turn` null). `why`: why it cannot be asked now, else empty."""

    turn: int | None
    institution: str
    offering: str | None = Field(description="The id of the offering.")
    trajectory: str | None
    state: str = Field(description="In words: of its trajectory, or that it waits its turn.")
    waits: bool
    why: str
    by_itself: bool
    answer_by: date | None


@router.get("/board", responses=refusals(400))
async def board(
    request: Request, reader: ApiReader, language: Language, part: Parts,
    institution: Narrow = "", term: Narrow = "", challenge: Narrow = "", after: Narrow = "",
) -> Page[BoardRow]:  # fmt: skip
    """Questions in matching and before the committee, those that must be handed in first on top."""
    check_reader(reader)
    wish = Wish.read({"institution": institution, "term": term, "challenge": challenge, "after": after})
    async with reading(request.app.state.engine) as session:
        found = await part_of(session, wish, min(part.size, MOST))
        whole = Board(await Supply.of(session, local(now()).date()), await _at_limit(session, language))
        columns = whole.columns(wish.institution, wish.term)
        cells = await cells_of(session, whole, found.questions, columns, await memory_of(request).taught(session))
    rows = [_row(one, list(cells[one.id].values())) for one in found.questions]
    return part.ended(rows, found.total, found.ends)


async def _at_limit(session: AsyncSession, language: str) -> set[str]:
    return {one.id for one in await houses_of(session, language) if one.full}


def _row(question: Question, cells: list[Cell]) -> BoardRow:
    terms = [
        TermCell(
            term=one.edition.term, institution=one.institution, offering=one.offering, score=round(one.score, 4),
            candidate=f"{one.offering}@{one.edition.term}", state=one.state, hand_in_by=one.edition.hand_in_by,
            starts_on=one.edition.starts_on, result_by=one.edition.ends_on, left=one.edition.left,
        )
        for one in cells
    ]  # fmt: skip
    return BoardRow(ref=question.ref or "", state=question.state, title=question.title,
                    hand_in_by=question.hand_in_by, terms=terms)  # fmt: skip


@router.get("/board/institutions")
async def load(request: Request, reader: ApiReader, language: Language) -> list[Load]:
    """How full each institution is."""
    check_reader(reader)
    async with reading(request.app.state.engine) as session:
        houses = await houses_of(session, language)
    return [Load(institution=one.id, name=one.name, open_offers=one.open, most=one.most, running=one.running)
            for one in houses]  # fmt: skip


@router.get("/questions/{ref}/offers", responses=refusals(404))
async def offers(request: Request, reader: ApiReader, language: Language, ref: Ref) -> list[InLine]:
    """Who has been asked to take a question on, and who comes next."""
    check_reader(reader)
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await question_of(session, reader, ref))
        with speaking(language):
            rows = await line_of(case, language)
    return [
        InLine(turn=one["turn"] or None, institution=one["institution"], offering=one["offering_id"],
               trajectory=one["ref"] or None, state=one["state"], waits=one["waits"], why=one["why"],
               by_itself=one["by_itself"], answer_by=one["by"])
        for one in rows
    ]  # fmt: skip

"""The board: which open question can still reach which coming term, how full institutions are, what misses its day."""

import asyncio
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.board.houses import House, houses_of
from intake.board.missing import missing
from intake.board.rows import rows_of
from intake.board.walk import part_of
from intake.board.wish import Wish
from intake.choices import form_options
from intake.language import language_of, local, speaking
from intake.memory import memory_of
from intake.pages import BOARD, page
from intake.sight import Reader
from matching.board import Board, Cell, Column
from matching.experience import Outcome
from matching.offerings import Known
from matching.prospects import Supply
from matching.rows import needed_by, preferred, question_text
from schemas.case import cooperation_of
from schemas.database import reading
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Offering, Period
from schemas.rules import Role
from schemas.subjects import Question

router = APIRouter()
WIDE = 5  # coming terms that fit beside each other
Cells = dict[int, dict[str, Cell]]


def check_reader(reader: Reader) -> None:
    """Raises NotForYou: who offers sees what others have been offered, so it is not for institutions."""
    if not reader.roles & BOARD:
        raise NotForYou


@router.get("/board")
async def show(request: Request, reader: KnownReader) -> Response:
    """Questions by rows, coming terms by columns."""
    check_reader(reader)
    language, wish = language_of(request, reader), Wish.read(request.query_params)
    async with reading(request.app.state.engine) as session:
        taught = await memory_of(request).taught(session)
        with speaking(language):
            context = await _told(session, wish, taught, language)
    may_offer = Role.COORDINATOR in reader.roles
    return page(request, "board/overview.html", reader, **context, wish=wish, may_offer=may_offer)


async def _told(session: AsyncSession, wish: Wish, taught: tuple[Outcome, ...], language: str) -> dict[str, Any]:
    supply = await Supply.of(session, local(now()).date())
    houses = await houses_of(session, language)
    board = Board(supply, {one.id for one in houses if one.full})
    every, coming = board.columns(), board.columns(wish.institution, wish.term)
    first = min(wish.skipped, max(len(coming) - 1, 0))
    shown = coming[first : first + WIDE]
    part = await part_of(session, wish)
    cells = await cells_of(session, board, part.questions, shown, taught)
    terms = select(Period).where(col(Period.id).in_([one.term.id for one in every]))
    periods = {row.id: row for row in await session.exec(terms)}
    offerings = await _named(session, cells, language)
    options = await form_options(session, await cooperation_of(session), language)
    names = {one.id: one.name for one in houses}
    return {
        "part": part, "rows": await rows_of(session, part.questions, language),
        "columns": [_column(one, periods, names) for one in shown], "cells": cells, "offerings": offerings,
        "houses": [_house(one, board, shown) for one in houses], "missing": await missing(session, language),
        "earlier_terms": str(max(first - WIDE, 0)) if first else "", "challenges": options["challenges"],
        "later_terms": str(first + WIDE) if first + WIDE < len(coming) else "", "house_names": names,
        "terms": [(one.term.id, _named_term(one, periods, names)) for one in every], "today": supply.today,
    }  # fmt: skip


async def cells_of(
    session: AsyncSession, board: Board, questions: Sequence[Question], columns: Sequence[Column],
    taught: tuple[Outcome, ...],
) -> Cells:  # fmt: skip
    """What each question can reach in these terms; only these questions are compared with the supply."""
    known = {one.id: Known(taught, await preferred(session, one)) for one in questions}

    def compare() -> Cells:
        return {row.id: board.cells(question_text(row), columns, needed_by(row.form), known[row.id])
                for row in questions}  # fmt: skip

    # Comparing texts takes tens of milliseconds for each, in which other requests go on.
    return await asyncio.to_thread(compare)


async def _named(session: AsyncSession, cells: Cells, language: str) -> dict[str, str]:
    ids = {cell.offering for row in cells.values() for cell in row.values()}
    query = select(Offering).where(col(Offering.id).in_(ids))
    return {row.id: named(row, language) for row in await session.exec(query)}


def _column(one: Column, periods: dict[str, Period], names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": one.term.id, "institution": names.get(one.term.institution, one.term.institution), "code": one.term.code,
        "year": periods[one.term.id].year, "starts_on": one.term.starts_on, "by": one.by,
    }  # fmt: skip


def _named_term(one: Column, periods: dict[str, Period], names: dict[str, str]) -> str:
    return f"{names.get(one.term.institution, '')}, {one.term.code} {periods[one.term.id].year}"


def _house(one: House, board: Board, columns: Sequence[Column]) -> dict[str, Any]:
    left, unlimited = board.left_in(columns, one.id)
    return {"house": one, "left": left, "unlimited": unlimited}

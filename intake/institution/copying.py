"""Copying a year's editions to the next: first what would come of each row, then all of it in one action."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.institution.house import House, frame, supplier, this_year, years_of
from intake.institution.runs import Run, facts_of, runs_of, usual_facts
from intake.language import language_of
from intake.pages import page
from schemas.database import reading, writing
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Organisation, Period
from schemas.supply import editions_in
from schemas.supply_facts import DATES
from schemas.supply_form import Flat
from schemas.supplying import Supplier

router = APIRouter(prefix="/institution/{house}/copy")


@dataclass(frozen=True)
class Copy:
    """What would come of one edition. `status`: new, there (already confirmed), no_term or stops."""

    source: Run
    period: Period | None
    facts: Flat
    usual: Flat
    status: str


def following(year: str) -> str:
    """The academic year after this one: `2027/28` after `2026/27`, `2028` after `2027`."""
    first, slash, _ = year.partition("/")
    later = int(first) + 1
    return f"{later}/{(later + 1) % 100:02}" if slash else str(later)


def shifted(source: Run, period: Period, usual: Flat) -> Flat:
    """The facts of an edition a year later: as usual there, with own days as far from the start as they were."""
    facts, before = facts_of(source.edition), usual_facts(source.offering, source.period)
    starts, later = source.period.starts_on, period.starts_on
    days = {
        name: (later + (date.fromisoformat(facts[name]) - starts)).isoformat()
        for name in DATES
        if facts[name] != before[name]
    }
    return usual | {name: facts[name] for name in ("seats", "open") if name in facts} | days


async def copies(session: AsyncSession, house: Organisation, year: str) -> list[Copy]:
    """What copying a year would do, row by row."""
    to = following(year)
    query = select(Period).where(Period.institution_id == house.id, Period.year == to)
    periods = {one.code: one for one in await session.exec(query)}
    there = await editions_in(session, [one.id for one in periods.values()])
    return [_copy(run, periods.get(run.period.code), there) for run in await runs_of(session, house.id, year)]


def _copy(run: Run, period: Period | None, there: Any) -> Copy:
    if period is None:
        return Copy(run, None, {}, {}, "no_term")
    usual = usual_facts(run.offering, period)
    facts = shifted(run, period, usual)
    if (run.offering.id, period.id) in there:
        return Copy(run, period, facts, usual, "there")
    stops = run.offering.data.get("until")
    return Copy(run, period, facts, usual, "stops" if stops and stops < facts["starts_on"] else "new")


async def copy_forward(session: AsyncSession, by: Supplier, year: str) -> list[Copy]:
    """Confirm the next year's editions; what is there already stays as it is, so that repeating it does nothing."""
    made = []
    for one in await copies(session, by.house, year):
        if one.status == "new" and one.period:
            await by.edition(one.source.offering, one.period, one.facts, one.usual, "copied")
            made.append(one)
    return made


@router.get("")
async def preview(request: Request, reader: KnownReader, house: House, year: str = "") -> Response:
    """What would come of each edition; nothing changes yet."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        years = await years_of(session, house.id)
        year = year if year in years else await this_year(session, house.id, now().date())
        found = await copies(session, house, year) if year else []
    return page(
        request, "institution/copy.html", reader, **frame(house, language), year=year, years=years,
        to=following(year) if year else "", names=[named(one.source.offering, language) for one in found], copies=found,
        counts={name: sum(one.status == name for one in found) for name in ("new", "there", "no_term", "stops")},
        missing=sorted({one.source.period.code for one in found if one.status == "no_term"}),
    )  # fmt: skip


@router.post("")
async def copied(request: Request, reader: KnownReader, house: House) -> Response:
    """Copy them."""
    async with request.form() as sent:
        year = str(sent.get("year", ""))
    async with writing(request.app.state.engine) as session:
        known = year in await years_of(session, house.id)
        made = await copy_forward(session, supplier(session, house, reader), year) if known else []
    to = following(year) if known else ""
    return RedirectResponse(f"/institution/{house.id}/editions?year={to}&done=copied&count={len(made)}", 303)

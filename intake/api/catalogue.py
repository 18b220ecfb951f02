"""The catalogue: the institutions, what they offer, and when that begins."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.answers import refusals
from intake.api.door import ApiReader, Language
from intake.api.lists import Whole
from intake.api.shapes import Page
from intake.choices import INSTITUTIONS
from matching import terms as matching
from matching.rows import known_terms, offering_text
from matching.terms import editions
from schemas import parties
from schemas.database import reading
from schemas.facts import named
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.supply_form import flat

router = APIRouter(tags=["catalogue"], responses=refusals(401, 400))
Periods = Mapping[str, parties.Period]


class Term(BaseModel):
    """A period of an institution; the id is what `place` asks for."""

    id: str
    year: str
    code: str
    starts_on: date
    ends_on: date


class Institution(BaseModel):
    """A knowledge institution and its periods from now on."""

    id: str
    kind: str
    name: str
    name_nl: str
    name_en: str
    website: str | None
    terms: list[Term]


class Edition(BaseModel):
    """One time that an offering runs. `seats`: questions that fit in, null without a maximum; `left`: of those."""

    term: str
    starts_on: date
    ends_on: date
    hand_in_by: date
    seats: int | None
    left: int | None
    open: bool
    confirmed: bool


class Offering(BaseModel):
    """A course, minor, internship, thesis, challenge or research group. `starts`, `editions`: from now on."""

    id: str
    institution: str
    kind: str
    level: str
    name: str
    name_nl: str
    name_en: str
    languages: list[str]
    disciplines: list[str]
    keywords: dict[str, list[str]]
    weeks: list[int] | None
    periods: list[str]
    hand_in_weeks: int | None
    starts: list[Term]
    editions: list[Edition]
    offered: bool
    facts: dict[str, Any]


def _term(row: parties.Period) -> Term:
    return Term(id=row.id, year=row.year, code=row.code, starts_on=row.starts_on, ends_on=row.ends_on)


async def terms_from(session: AsyncSession, today: date) -> dict[str, list[parties.Period]]:
    """The periods that have not ended, per institution, earliest first."""
    query = select(parties.Period).where(parties.Period.ends_on > today)
    found: dict[str, list[parties.Period]] = {}
    for row in await session.exec(query.order_by(col(parties.Period.starts_on), col(parties.Period.id))):
        found.setdefault(row.institution_id, []).append(row)
    return found


@router.get("/institutions")
async def institutions(request: Request, reader: ApiReader, language: Language, part: Whole) -> Page[Institution]:
    """The knowledge institutions, each with its periods from now on."""
    async with reading(request.app.state.engine) as session:
        terms = await terms_from(session, now().date())
        query = select(parties.Organisation).where(col(parties.Organisation.kind).in_(INSTITUTIONS))
        rows = (await session.exec(query.order_by(parties.Organisation.id))).all()
    return part.cut([
        Institution(
            id=row.id, kind=row.kind, name=named(row, language), name_nl=row.name_nl, name_en=row.name_en,
            website=row.website, terms=[_term(one) for one in terms.get(row.id, [])],
        )
        for row in rows
    ])  # fmt: skip


@router.get("/offerings")
async def offerings(
    request: Request,
    reader: ApiReader,
    language: Language,
    part: Whole,
    institution: Annotated[str, Query(description="The id or a name of an institution.")] = "",
    level: Annotated[str, Query(description="mbo, hbo, wo or mixed.")] = "",
    starts_after: Annotated[date | None, Query(description="Only what begins after this day.")] = None,
    text: Annotated[str, Query(max_length=200, description="Words that must all occur.")] = "",
) -> Page[Offering]:
    """What can take a question on. `starts` says when, `starts[].id` is the term to name when placing."""
    async with reading(request.app.state.engine) as session:
        terms = await known_terms(session, now().date())
        periods = await periods_of(session)
        query = select(parties.Offering).where(col(parties.Offering.offered).is_(True))
        if institution:
            query = query.where(parties.Offering.institution_id == await chosen(session, "institution", institution))
        rows = (await session.exec(query.order_by(parties.Offering.id))).all()
    words = text.casefold().split()
    kept = [row for row in rows if _is_level(row, level) and all(word in _text(row) for word in words)]
    by_house: dict[str, list[matching.Term]] = {}
    for one in terms:
        by_house.setdefault(one.institution, []).append(one)
    after = starts_after or now().date()
    shown = [_offering(row, by_house.get(row.institution_id, []), periods, language, after) for row in kept]
    return part.cut([one for one in shown if one.starts or starts_after is None])


async def chosen(session: AsyncSession, field: str, given: str) -> str:
    """The id of the organisation that is meant by an id or a name. Raises FaultyNeeds."""
    kinds = INSTITUTIONS if field == "institution" else ("municipality",)
    wanted = given.strip().casefold()
    query = select(parties.Organisation).where(col(parties.Organisation.kind).in_(kinds))
    for row in await session.exec(query) if storable(given) else ():
        if wanted in {row.id.casefold(), row.name_nl.casefold(), row.name_en.casefold()}:
            return row.id
    raise FaultyNeeds([Fault(field, "unknown")])


def _is_level(row: parties.Offering, level: str) -> bool:
    return not level or level == row.level or level in row.data.get("levels", ())


def _text(row: parties.Offering) -> str:
    keywords: Iterable[list[str]] = row.data.get("keywords", {}).values()
    parts = [row.id, row.name_nl, row.name_en, row.kind, *(word for words in keywords for word in words)]
    return " ".join([*parts, *row.data.get("disciplines", ())]).casefold()


def _offering(
    row: parties.Offering, terms: Iterable[matching.Term], periods: Periods, language: str, after: date
) -> Offering:
    runs = [one for one in editions(offering_text(row), terms) if one.starts_on > after]
    data: dict[str, Any] = row.data
    return Offering(
        id=row.id, institution=row.institution_id, kind=row.kind, level=row.level, name=named(row, language),
        name_nl=row.name_nl, name_en=row.name_en, languages=data.get("languages", []),
        disciplines=data.get("disciplines", []), keywords=data.get("keywords", {}), weeks=data.get("weeks"),
        periods=data.get("periods", []), hand_in_weeks=data.get("hand_in_weeks"), offered=row.offered, facts=flat(row),
        starts=[_term(periods[one.term]) for one in runs],
        editions=[Edition(term=one.term, starts_on=one.starts_on, ends_on=one.ends_on, hand_in_by=one.hand_in_by,
                          seats=one.seats, left=one.left, open=one.open, confirmed=one.confirmed) for one in runs],
    )  # fmt: skip


async def periods_of(session: AsyncSession) -> dict[str, parties.Period]:
    """Every period by its id."""
    return {row.id: row for row in await session.exec(select(parties.Period))}


async def shape_of(
    session: AsyncSession, row: parties.Offering, terms: Iterable[matching.Term], language: str
) -> Offering:
    """One offering as the list shows it."""
    return _offering(row, terms, await periods_of(session), language, now().date())

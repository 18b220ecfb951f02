"""The supply through the API: one offering, adding and changing offerings and editions, copying a year, the limit."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.api.answers import refusals
from intake.api.catalogue import Offering, shape_of
from intake.api.door import ApiReader, Language
from intake.api.once import DoOnce, Made, Once
from intake.api.problems import Refused
from intake.institution.copying import copy_forward
from intake.institution.house import INSTITUTIONS, may_supply, supplier, years_of
from intake.institution.runs import usual_facts
from matching.rows import known_terms
from schemas import parties
from schemas.database import reading
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.supply import SupplyChange
from schemas.supply_checks import EDITION_MODEL, LIMIT_MODEL, OFFERING_MODEL
from schemas.supplying import Supplier

router = APIRouter(tags=["catalogue"], responses=refusals(401, 403, 404))
Given = Annotated[dict[str, Any], Body()]
Id = Annotated[str, Path(description="The id of an offering or an institution.")]
POST: dict[str, Any] = {"status_code": 201, "responses": refusals(400, 409)}


class Changed(BaseModel):
    """What was changed, before and after; `what` is `nothing` when it was so already."""

    offering: str | None
    term: str | None
    what: str
    before: dict[str, Any]
    after: dict[str, Any]
    at: datetime


class Copied(BaseModel):
    """The editions that were confirmed for the next year."""

    year: str
    editions: list[str]


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _some(model: type[BaseModel]) -> dict[str, Any]:
    return {key: value for key, value in model.model_json_schema().items() if key != "required"}


async def _house(session: AsyncSession, once: Once, key: str) -> Supplier:
    """The supply of an institution, for who may see to it."""
    found = await session.get(parties.Organisation, key) if storable(key) else None
    if found is None or found.kind not in INSTITUTIONS:
        raise Refused("not-found", 404, ref=key)
    if not may_supply(once.reader, found.id):
        raise NotForYou
    return supplier(session, found, once.reader)


async def _offering(session: AsyncSession, once: Once, key: str) -> tuple[Supplier, parties.Offering]:
    found = await session.get(parties.Offering, key, with_for_update=True) if storable(key) else None
    if found is None:
        raise Refused("not-found", 404, ref=key)
    return await _house(session, once, found.institution_id), found


async def _last(by: Supplier, differs: bool = True) -> Changed:
    if not differs:  # so it is already: sending again does no harm
        return Changed(offering=None, term=None, what="nothing", before={}, after={}, at=now())
    await by.session.flush()
    query = select(SupplyChange).where(SupplyChange.institution_id == by.house.id)
    row = (await by.session.exec(query.order_by(col(SupplyChange.id).desc()).limit(1))).one()
    return Changed(offering=row.offering_id, term=row.term_id, what=row.what, before=row.before, after=row.after,
                   at=row.at)  # fmt: skip


@router.get("/offerings/{id}")
async def show(request: Request, reader: ApiReader, language: Language, id: Id) -> Offering:  # noqa: A002
    """One offering, also when it is no longer offered."""
    async with reading(request.app.state.engine) as session:
        found = await session.get(parties.Offering, id) if storable(id) else None
        if found is None:
            raise Refused("not-found", 404, ref=id)
        if not found.offered and not may_supply(reader, found.institution_id):
            raise NotForYou
        terms = await known_terms(session, now().date(), found.institution_id)
        return await shape_of(session, found, terms, language)


@router.post("/institutions/{id}/offerings", response_model=Changed, **POST, openapi_extra=_body(
    OFFERING_MODEL.model_json_schema()))  # fmt: skip
async def add(once: DoOnce, id: Id, body: Given) -> JSONResponse:  # noqa: A002
    """Add an offering. Without `id` it gets one from its name."""

    async def work(session: AsyncSession) -> Made:
        by = await _house(session, once, id)
        made = await by.save(body)
        return await _last(by), f"/api/v1/offerings/{made.id if made else ''}"

    return await once.do(work)


@router.post("/offerings/{id}/changes", response_model=Changed, **POST, openapi_extra=_body(_some(OFFERING_MODEL) | {
    "description": "Only what is to change; an empty value takes a fact away. `offered`: false stops it, true resumes."
}))  # fmt: skip
async def change(once: DoOnce, id: Id, body: Given) -> JSONResponse:  # noqa: A002
    """Change an offering, or stop it (`{"offered": false}`)."""

    async def work(session: AsyncSession) -> Made:
        by, row = await _offering(session, once, id)
        differs = await by.change(row, body, now().date())
        return await _last(by, differs), f"/api/v1/offerings/{row.id}"

    return await once.do(work)


@router.post("/offerings/{id}/editions", response_model=Changed, **POST, openapi_extra=_body(
    EDITION_MODEL.model_json_schema() | {"required": ["term"], "properties": {
        "term": {"type": "string", "description": "The id of a term."},
        **EDITION_MODEL.model_json_schema()["properties"]}}))  # fmt: skip
async def edition(once: DoOnce, id: Id, body: Given) -> JSONResponse:  # noqa: A002
    """Confirm one edition, with dates, seats or a state of its own; an empty value is as usual again."""

    async def work(session: AsyncSession) -> Made:
        by, row = await _offering(session, once, id)
        key = body.get("term")
        period = await session.get(parties.Period, key) if isinstance(key, str) and storable(key) else None
        if period is None or period.institution_id != by.house.id:
            raise FaultyNeeds([Fault("term", "unknown")])
        facts = {name: value for name, value in body.items() if name != "term"}
        differs = await by.edition(row, period, facts, usual_facts(row, period))
        return await _last(by, differs), f"/api/v1/offerings/{row.id}"

    return await once.do(work)


@router.post("/institutions/{id}/copies", response_model=Copied, **POST, openapi_extra=_body(
    {"type": "object", "required": ["year"], "properties": {"year": {"type": "string"}}}))  # fmt: skip
async def copy(once: DoOnce, id: Id, body: Given) -> JSONResponse:  # noqa: A002
    """Copy the editions of an academic year to the next; what is there already stays as it is."""

    async def work(session: AsyncSession) -> Made:
        by = await _house(session, once, id)
        if body.get("year") not in await years_of(session, by.house.id):
            raise FaultyNeeds([Fault("year", "unknown")])
        made = await copy_forward(session, by, body["year"])
        names = [f"{one.source.offering.id} {one.period.id}" for one in made if one.period]
        return Copied(year=body["year"], editions=names), f"/api/v1/offerings?institution={by.house.id}"

    return await once.do(work)


@router.post("/institutions/{id}/limits", response_model=Changed, **POST, openapi_extra=_body(
    LIMIT_MODEL.model_json_schema()))  # fmt: skip
async def limit(once: DoOnce, id: Id, body: Given) -> JSONResponse:  # noqa: A002
    """How many offers the institution takes at once; without `open_offers` as many as come."""

    async def work(session: AsyncSession) -> Made:
        by = await _house(session, once, id)
        return await _last(by, await by.limit(body)), f"/api/v1/offerings?institution={by.house.id}"

    return await once.do(work)

"""Whose supply this is, who may see to it, and what it is: offerings with their editions and seats."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.sight import Reader
from intake.trouble import NotFound
from matching.disciplines import vocabulary
from schemas.database import reading
from schemas.facts import named
from schemas.parties import Offering, Organisation, Period
from schemas.rules import Role
from schemas.supplying import Supplier

INSTITUTIONS = ("wo", "hbo", "mbo", "art")


def is_admin(reader: Reader) -> bool:
    return any(one.role == Role.ADMIN for one in reader.own)


def may_supply(reader: Reader, house: str) -> bool:
    """Its brokers, whoever stands in for one, and an administrator."""
    return is_admin(reader) or house in reader.organisations(Role.BROKER)


async def house_of(request: Request, reader: KnownReader, house: str) -> Organisation:
    """The institution of an address, for who may see to its supply. Raises NotForYou or NotFound."""
    if not may_supply(reader, house):
        raise NotForYou
    async with reading(request.app.state.engine) as session:
        found = await session.get(Organisation, house.replace("\x00", ""))
    if found is None or found.kind not in INSTITUTIONS:
        raise NotFound("page")
    return found


House = Annotated[Organisation, Depends(house_of)]


def supplier(session: AsyncSession, house: Organisation, reader: Reader) -> Supplier:
    """The reader at work on a supply."""
    return Supplier(session, house, reader.person.id, frozenset(vocabulary()))


async def offering_in(session: AsyncSession, house: Organisation, offering: str, *, alone: bool = False) -> Offering:
    """An offering of this institution; `alone`: kept from others until this transaction ends. Raises NotFound."""
    found = await session.get(Offering, offering.replace("\x00", ""), with_for_update=alone)
    if found is None or found.institution_id != house.id:
        raise NotFound("page")
    return found


async def offerings_of(session: AsyncSession, house: str) -> list[Offering]:
    """Everything that an institution offers or offered, by name."""
    query = select(Offering).where(Offering.institution_id == house)
    return list(await session.exec(query.order_by(Offering.name_nl, Offering.id)))


async def years_of(session: AsyncSession, house: str) -> list[str]:
    """The academic years that the calendar knows for an institution."""
    return sorted(set(await session.exec(select(Period.year).where(Period.institution_id == house))))


async def this_year(session: AsyncSession, house: str, today: date) -> str:
    """The academic year that lasts, else the first that is still to come, else the last."""
    query = select(Period.year).where(Period.institution_id == house, Period.ends_on > today)
    first = (await session.exec(query.order_by(col(Period.starts_on)))).first()
    return first or next(reversed(await years_of(session, house)), "")


def frame(house: Organisation, language: str) -> dict[str, Any]:
    """What every page of an institution says of it."""
    return {"house": house, "house_name": named(house, language), "base": f"/institution/{house.id}"}

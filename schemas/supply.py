"""What an institution says about its supply: editions, how many offers it takes at once, who changed what."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.kept import Kept, kept, loose
from schemas.moment import now
from schemas.parties import Offering, Period
from schemas.subjects import Trajectory

SEATLESS = ("declined", "lapsed", "cancelled", "retracted")  # states of a trajectory that take up no seat


class Edition(Kept, table=True):
    """One offering in one term, as its institution has confirmed it; what is None follows the calendar or the offering.

    Without a row an edition is expected: the offering runs in that period, with the dates of the calendar.
    """

    __table_args__ = (UniqueConstraint("offering_id", "term_id"), Index("ix_edition_term", "term_id"))

    id: int = Field(default=None, primary_key=True)
    offering_id: str = Field(foreign_key="offering.id")
    term_id: str = Field(foreign_key="period.id")
    starts_on: date | None = None
    ends_on: date | None = None
    hand_in_by: date | None = None
    seats: int | None = None  # how many questions fit in
    open: bool = True


class OfferLimit(SQLModel, table=True):
    """How many offers an institution takes at once; no row: as many as come."""

    institution_id: str = Field(foreign_key="organisation.id", primary_key=True)
    most: int


class SupplyChange(SQLModel, table=True):
    """One thing that somebody changed in the supply, with what differs before and after; never changed itself."""

    __table_args__ = (
        Index("ix_supplychange_institution", "institution_id", "id"),
        Index("ix_supplychange_offering", "offering_id", "id"),
    )

    id: int = Field(default=None, primary_key=True)
    institution_id: str = Field(foreign_key="organisation.id")
    offering_id: str | None = Field(default=None, foreign_key="offering.id")
    term_id: str | None = None  # of one edition; no key, because a period may leave the calendar
    actor_id: int = Field(foreign_key="person.id")
    what: str  # added, changed, stopped, resumed, edition, copied, limit
    before: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    after: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(default_factory=now)


def seats_of(offering: Offering, row: Edition | None) -> int | None:
    """How many questions fit in an edition: its own number, else the offering's; None when nobody has said."""
    own = row.seats if row and row.seats is not None else offering.data.get("seats")
    return None if own is None else int(own)


async def edition_of(session: AsyncSession, offering_id: str, term_id: str) -> Edition | None:
    """The confirmed edition, if there is one."""
    query = select(Edition).where(Edition.offering_id == offering_id, Edition.term_id == term_id)
    return (await session.exec(query)).first()


async def editions_in(session: AsyncSession, terms: Iterable[str]) -> dict[tuple[str, str], Edition]:
    """The confirmed editions in these terms, by offering and term."""
    rows = await session.exec(select(Edition).where(col(Edition.term_id).in_(list(terms))))
    return {(row.offering_id, row.term_id): row for row in rows}


async def confirmed(session: AsyncSession) -> Mapping[tuple[str, str], Edition]:
    """Every confirmed edition, by offering and term: to read, not to change."""

    async def look() -> Mapping[tuple[str, str], Edition]:
        return {(row.offering_id, row.term_id): loose(row) for row in await session.exec(select(Edition))}

    return await kept(session, "editions", look)


async def seats_taken(session: AsyncSession, terms: Iterable[str]) -> dict[tuple[str, str], int]:
    """How many trajectories have a seat, by offering and term."""
    query = (
        select(Trajectory.offering_id, Trajectory.term_id, func.count(col(Trajectory.id)))
        .where(col(Trajectory.term_id).in_(list(terms)), col(Trajectory.state).not_in(SEATLESS))
        .group_by(col(Trajectory.offering_id), col(Trajectory.term_id))
    )
    return {(str(offering), str(term)): count for offering, term, count in await session.exec(query)}


async def seats_left(session: AsyncSession, offering: Offering, term: Period, but: int | None = None) -> int | None:
    """The seats left in one edition, without counting the trajectory `but`; None when there is no limit."""
    seats = seats_of(offering, await edition_of(session, offering.id, term.id))
    if seats is None:
        return None
    query = select(func.count(col(Trajectory.id))).where(
        Trajectory.offering_id == offering.id, Trajectory.term_id == term.id, Trajectory.id != but,
        col(Trajectory.state).not_in(SEATLESS),
    )  # fmt: skip
    return seats - (await session.exec(query)).one()


async def offers_open(session: AsyncSession, institution: str) -> int:
    """How many offers wait for an answer of an institution."""
    query = select(func.count(col(Trajectory.id))).where(
        Trajectory.institution_id == institution, Trajectory.state == "offered"
    )
    return (await session.exec(query)).one()


async def changed_by_people(session: AsyncSession) -> dict[str, SupplyChange]:
    """The offerings that people changed, each with the latest change: loading a city leaves these alone."""
    query = select(SupplyChange).where(col(SupplyChange.offering_id).is_not(None), col(SupplyChange.term_id).is_(None))
    return {str(row.offering_id): row for row in await session.exec(query.order_by(col(SupplyChange.id)))}

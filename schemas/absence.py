"""Who is away, and who stands in: settled when work is given out, over a row of substitutes that is bounded."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.kept import Kept, kept
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person

DEPTH = 3  # substitutes of substitutes; behind that a letter goes to the absent person after all


class Absence(Kept, table=True):
    """Somebody is away from the first day to the last, both included; the substitute may do what they may."""

    __table_args__ = (Index("ix_absence_days", "starts_on", "ends_on"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    substitute_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    starts_on: date
    ends_on: date
    made_by_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    made_at: datetime = Field(default_factory=now)


def resolve(away: Mapping[int, int], person: int) -> int:
    """Who does this person's work: the first in the row of substitutes who is there; else the person, never nobody."""
    found = person
    for _ in range(DEPTH):
        if found not in away:
            return found
        found = away[found]
    return person if found in away else found


def in_whose_place(away: Mapping[int, int], person: int) -> list[int]:
    """The absent people whose work this person does, in a stable order."""
    return sorted(one for one in away if one != person and resolve(away, one) == person)


async def away_on(session: AsyncSession, day: date) -> Mapping[int, int]:
    """Who is away on a day, and each one's substitute."""

    async def look() -> Mapping[int, int]:
        return _map(await _rows(session, day, day), day)

    return await kept(session, f"away {day}", look)


async def places_of(session: AsyncSession, person_id: int, day: date) -> list[int]:
    """The absent people in whose place this person may act on a day."""
    return in_whose_place(await away_on(session, day), person_id)


async def absences_of(session: AsyncSession, person_id: int, today: date) -> list[Absence]:
    """What somebody has planned that has not ended yet, soonest first."""
    query = select(Absence).where(Absence.person_id == person_id, Absence.ends_on >= today)
    return list(await session.exec(query.order_by(col(Absence.starts_on))))


async def go_away(session: AsyncSession, planned: Absence, today: date) -> Absence:
    """Keep a planned absence. Raises FaultyNeeds where nobody would be left to do the work."""
    if planned.ends_on < max(today, planned.starts_on):
        raise FaultyNeeds([Fault("ends_on", "ends_too_soon")])
    substitute = await session.get(Person, planned.substitute_id)
    if substitute is None or substitute.has_left(today):
        raise FaultyNeeds([Fault("substitute", "unknown")])
    if planned.substitute_id == planned.person_id:
        raise FaultyNeeds([Fault("substitute", "yourself")])
    # One after the other, so that two people cannot name each other at the same moment.
    await session.exec(select(Person.id).order_by(col(Person.id)).limit(1).with_for_update())
    others = await _rows(session, planned.starts_on, planned.ends_on)
    if any(one.person_id == planned.person_id for one in others):
        raise FaultyNeeds([Fault("starts_on", "away_already")])
    if not all(_covered([*others, planned], day) for day in _days(planned, others)):
        raise FaultyNeeds([Fault("substitute", "nobody_there")])
    session.add(planned)
    await session.flush()
    return planned


def _days(planned: Absence, others: Iterable[Absence]) -> set[date]:
    """The days on which somebody's absence begins; on the days between them nobody new goes away."""
    return {planned.starts_on, *(one.starts_on for one in others if one.starts_on > planned.starts_on)}


def _covered(rows: Iterable[Absence], day: date) -> bool:
    away = _map(rows, day)
    return all(resolve(away, one) != one for one in away)


def _map(rows: Iterable[Absence], day: date) -> dict[int, int]:
    return {one.person_id: one.substitute_id for one in rows if one.starts_on <= day <= one.ends_on}


async def _rows(session: AsyncSession, first: date, last: date) -> list[Absence]:
    query = select(Absence).join(Person, col(Person.id) == Absence.substitute_id)
    query = query.where(Absence.starts_on <= last, Absence.ends_on >= first, col(Person.left_on).is_(None))
    return list(await session.exec(query.order_by(col(Absence.id))))

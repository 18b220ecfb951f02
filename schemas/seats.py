"""The seats of the committee: whose vote each is, and who sits there today. One person has one vote."""

from dataclasses import dataclass
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.absence import away_on, resolve
from schemas.parties import Person
from schemas.roles import in_office
from schemas.rules import Role


@dataclass(frozen=True)
class Seat:
    """A member's seat. `by`: who sits there in the place of an absent member, if anybody may.

    `votes` is False where the substitute has a vote already: as a member, or in another's place.
    """

    member: Person
    chair: bool
    by: Person | None = None
    votes: bool = True


async def seats_of(session: AsyncSession, today: date) -> list[Seat]:
    """Every seat, the chair's first."""
    chairs = await in_office(session, Role.CHAIR, today)
    members = {one.id: one for one in [*chairs, *await in_office(session, Role.COMMITTEE, today)]}
    away, taken, seats = await away_on(session, today), set(members), []
    for person in members.values():
        there = resolve(away, person.id)
        by = await session.get(Person, there) if there != person.id else None
        seats.append(Seat(person, person in chairs, by, by is None or there not in taken))
        taken.add(there)
    return seats

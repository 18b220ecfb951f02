"""How somebody's mail comes, as a form asks it and a program reads it: kinds with their choices, and quiet hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import cooperation_of
from schemas.kinds import ASKS, CHOICES, INTERNAL, STAFF, Kind
from schemas.parties import Person
from schemas.quiet import DAYS
from schemas.roles import memberships
from schemas.wishes import how_for

QUIET_FIELDS = ("quiet_from", "quiet_until", "closed_days")


@dataclass(frozen=True)
class Chosen:
    """What holds for somebody now. `quiet`: city, own or none."""

    kinds: Mapping[Kind, str]
    quiet: str
    hours: Mapping[str, Any]  # their own
    city: Mapping[str, Any]  # the city's quiet hours, and when its digests go

    def as_form(self) -> dict[str, Any]:
        """As the form begins."""
        return {**{kind.value: how for kind, how in self.kinds.items()}, "quiet": self.quiet, **self.hours}


async def chosen_by(session: AsyncSession, person: Person, today: date) -> Chosen:
    """Every kind that somebody may get, with how it comes; internal news only for those who work with it."""
    city: dict[str, Any] = (await cooperation_of(session)).data.get("post") or {}
    staff = {one.role for one in await memberships(session, person.id, today)} & STAFF
    kinds = [kind for kind in Kind if kind is not INTERNAL or staff or INTERNAL in person.mail]
    own: dict[str, Any] | None = person.mail.get("quiet")
    quiet = "city" if own is None else "own" if own else "none"
    hours = {name: own[name] for name in QUIET_FIELDS} if own else {}
    return Chosen({kind: how_for(person, kind).value for kind in kinds}, quiet, hours, city)


def optional(chosen: Chosen) -> list[Kind]:
    """The kinds that can be chosen, in order."""
    return [kind for kind in chosen.kinds if kind is not ASKS]


def choices_of(kind: Kind) -> list[str]:
    """How letters of a kind may come, the soonest first."""
    return [how.value for how in CHOICES[kind].may]


def digest_moment(city: Mapping[str, Any]) -> tuple[str, int]:
    """The hour at which what was kept goes, and the day of the week of the weekly one."""
    return str(city.get("digest_at") or "08:00"), DAYS.index(city.get("digest_on") or DAYS[0])

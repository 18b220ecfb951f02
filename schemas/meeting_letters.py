"""The letters about a meeting: to all who sit there or prepare it, written in the transaction of their cause."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.absence import away_on, resolve
from schemas.case import cooperation_of
from schemas.facts import named
from schemas.ledger import Letter
from schemas.letters import new_message_id
from schemas.meetings import Meeting, on_day
from schemas.parties import Cooperation, Person
from schemas.roles import in_office
from schemas.rules import Role

TOLD = (Role.CHAIR, Role.COMMITTEE, Role.COORDINATOR)
Facts = Mapping[str, Any]


async def owe_all(
    session: AsyncSession, meeting: Meeting, name: str, at: datetime, more: Mapping[str, Facts] | None = None
) -> int:
    """A letter to each of them; how many. `more`: what else it says, by language."""
    cooperation = await cooperation_of(session)
    today = at.astimezone(ZoneInfo(cooperation.timezone)).date()
    contact = await contact_of(session, cooperation, today)
    told = await _recipients(session, today)
    for person, role, absent in told:
        own = (more or {}).get(person.language) or next(iter((more or {}).values()), {})
        facts = {
            "recipient": person.name, "role": role.value, "cooperation": named(cooperation, person.language),
            "coordinator": contact, "in_place_of": absent, "timezone": cooperation.timezone,
            "meeting": meeting_facts(meeting, cooperation, person.language) | dict(own),
        }  # fmt: skip
        session.add(
            Letter(name=name, role=role.value, meeting_id=meeting.id, recipient_id=person.id, email=person.email,
                   language=person.language, facts=facts, message_id=new_message_id(), owed_at=at, due_at=at)
        )  # fmt: skip
    return len(told)


async def _recipients(session: AsyncSession, today: date) -> list[tuple[Person, Role, str | None]]:
    """Each person once, in the first role; who is away gets none: it goes to the substitute."""
    away, seen, found = await away_on(session, today), set[int](), []
    for role in TOLD:
        for holder in await in_office(session, role, today):
            there = resolve(away, holder.id)
            if there not in seen:
                seen.add(there)
                person = holder if there == holder.id else await session.get_one(Person, there)
                found.append((person, role, None if person is holder else holder.name))
    return found


async def contact_of(session: AsyncSession, cooperation: Cooperation, today: date) -> dict[str, str]:
    """Whom to ask: the coordinator, else the contact of the cooperation."""
    people = await in_office(session, Role.COORDINATOR, today)
    known = cooperation.data.get("contact", {})
    if people:
        return {"name": people[0].name, "email": people[0].email}
    return {name: str(known.get(name, "")) for name in ("name", "email")}


def meeting_facts(meeting: Meeting, cooperation: Cooperation, language: str) -> dict[str, Any]:
    """When and where, as a letter, a page and a paper say it."""
    zone = ZoneInfo(cooperation.timezone)
    names = cooperation.data.get("committee_name", {})
    return {
        "id": meeting.id, "uid": meeting.uid, "sequence": meeting.sequence,
        "committee": str(names.get(language) or names.get("nl") or ""),
        "day": on_day(meeting, cooperation.timezone).isoformat(), "place": meeting.place, "link": meeting.link,
        "begins": f"{meeting.begins_at.astimezone(zone):%H:%M}", "ends": f"{meeting.ends_at.astimezone(zone):%H:%M}",
        "begins_at": meeting.begins_at.isoformat(), "ends_at": meeting.ends_at.isoformat(),
    }  # fmt: skip

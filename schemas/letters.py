"""Owing letters: who gets which because of an entry. Written in the same transaction as the entry."""

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from schemas.absence import away_on, resolve
from schemas.case import Case
from schemas.database import insert_each_once
from schemas.facts import common_facts, more_facts
from schemas.guards import holds
from schemas.ledger import Entry, Letter
from schemas.parties import Person
from schemas.roles import EVERYWHERE, in_office, people_of
from schemas.rules import Role, Tell
from schemas.settings import settings

# People who do this every day need no letter about what they have just done themselves; others get it as a receipt.
STAFF = {Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.BROKER}


async def recipients(
    case: Case, tells: Iterable[Tell], needs: dict[str, object], actor_id: int | None
) -> AsyncIterator[tuple[str, Role, Person, Person | None]]:
    """Each (letter, role, person, absent one in whose place) that these rows mean now.

    A person gets a letter once, in the first role named. Who is away gets none: it goes to the substitute.
    """
    seen: set[tuple[str, int]] = set()
    away = await case.once("away", lambda: away_on(case.session, case.today))
    for tell in tells:
        if not holds(tell.when, case, needs):
            continue
        for role in tell.to:
            for holder in await _holders(case, role):
                there = resolve(away, holder.id)
                person = holder if there == holder.id else await case.session.get_one(Person, there)
                told = (tell.letter, person.id)
                if told not in seen and not (person.id == actor_id and role in STAFF):
                    seen.add(told)
                    yield tell.letter, role, person, holder if person is not holder else None


async def _holders(case: Case, role: Role) -> list[Person]:
    if role in EVERYWHERE:
        return await case.once(role, lambda: in_office(case.session, role, case.today))
    return await people_of(case.session, role, case.question, case.concerned, case.today)


async def owe(case: Case, entry: Entry, tells: Iterable[Tell], term: str | None = None, *, others: bool = False) -> int:
    """Write the letters owed because of an entry; how many. `others`: not to whoever took the step."""
    rows, common, known = [], dict[str, dict[str, Any]](), dict[tuple[str, str], dict[str, Any]]()
    async for name, role, person, absent in recipients(case, tells, entry.needs, entry.actor_id):
        if others and person.id == entry.actor_id:
            continue
        key = name, language = name, person.language
        if language not in common:
            common[language] = await common_facts(case, entry, language, term)
        if key not in known:
            known[key] = await more_facts(case, *key)
        own = {"recipient": person.name, "role": role.value, "in_place_of": absent.name if absent else None}
        rows.append({
            "entry_id": entry.id, "question_id": case.question.id, "trajectory_id": entry.trajectory_id, "name": name,
            "role": role.value, "facts": common[language] | own | known[key], **addressed(person, case),
        })  # fmt: skip
    return await insert_each_once(case.session, Letter, rows)


def addressed(person: Person, case: Case) -> dict[str, Any]:
    """The columns of a letter that come from its recipient and the moment."""
    return {
        "recipient_id": person.id,
        "email": person.email,
        "language": person.language,
        "message_id": new_message_id(),
        "state": "owed",
        "attempts": 0,
        "owed_at": case.now,
        "due_at": case.now,
        "expires_at": case.now + timedelta(days=settings().link_days),
    }


def new_message_id() -> str:
    return f"<{uuid4().hex}@{urlsplit(settings().base_url).hostname or 'localhost'}>"

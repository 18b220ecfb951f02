"""Letters about a hand-in day that comes near: one to each person, about everything that it means for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.absence import away_on, resolve
from schemas.case import Case
from schemas.facts import named
from schemas.ledger import Letter
from schemas.letters import addressed
from schemas.parties import Offering, Organisation, Period, Person
from schemas.prospects import Prospect
from schemas.roles import in_office, people_of
from schemas.rules import Role
from schemas.settings import settings
from schemas.standing import standing

NAME = "hand-in-near"
SHOWN = 20  # questions in one letter; the board has them all


@dataclass(frozen=True)
class Near:
    """One question that can still make a hand-in day. `left`: seats, None where nobody has said how many."""

    case: Case
    prospect: Prospect
    starts_on: date
    left: int | None


@dataclass(frozen=True)
class _Told:
    person: Person
    role: Role
    absent: str | None


async def owe_near(session: AsyncSession, found: list[Near]) -> int:
    """A letter to every coordinator, to owners, and to the brokers who have not answered; how many."""
    letters: dict[int, tuple[_Told, list[Near]]] = {}
    for one in sorted(found, key=lambda one: (one.prospect.hand_in_by, one.case.question.id)):
        for told in await _told(session, one):
            letters.setdefault(told.person.id, (told, []))[1].append(one)
    for told, mine in letters.values():
        session.add(await _letter(session, told, mine))
    return len(letters)


async def _told(session: AsyncSession, one: Near) -> Iterable[_Told]:
    """Whom it concerns, each once in the first capacity; who is away is not told, but who acts in their place."""
    case, today = one.case, one.case.today
    offers = [row for row in case.trajectories
              if row.state == "offered" and row.institution_id == one.prospect.institution_id]  # fmt: skip
    people = [(Role.COORDINATOR, person) for person in await in_office(session, Role.COORDINATOR, today)]
    for role, attempts in ((Role.OWNER, []), (Role.BROKER, offers)):
        people += [(role, person) for person in await people_of(session, role, case.question, attempts, today)]
    away, seen = await away_on(session, today), dict[int, _Told]()
    for role, holder in people:
        there = resolve(away, holder.id)
        person = holder if there == holder.id else await session.get_one(Person, there)
        seen.setdefault(there, _Told(person, role, None if person is holder else holder.name))
    return seen.values()


async def _letter(session: AsyncSession, told: _Told, mine: list[Near]) -> Letter:
    case, language = mine[0].case, told.person.language
    office = await in_office(session, Role.COORDINATOR, case.today)
    refs = list(dict.fromkeys(one.case.question.ref for one in mine))
    single = len(refs) == 1 and told.role != Role.COORDINATOR
    offers = [row for row in case.trajectories if row.state == "offered"] if told.role == Role.BROKER else []
    facts = {
        "recipient": told.person.name, "role": told.role.value, "cooperation": named(case.cooperation, language),
        "coordinator": {"name": office[0].name, "email": office[0].email} if office else None,
        "in_place_of": told.absent, "ref": refs[0] if single else "", "title": case.question.title if single else "",
        "link_expires": (case.today + timedelta(days=settings().link_days)).isoformat(),
        "hand_in": {
            "first": mine[0].prospect.hand_in_by.isoformat(), "count": len(refs), "more": max(0, len(mine) - SHOWN),
            "questions": [await _told_of(session, one, language) for one in mine[:SHOWN]],
        },
    }  # fmt: skip
    return Letter(
        name=NAME, role=told.role.value, question_id=case.question.id if single else None, facts=facts,
        trajectory_id=offers[0].id if single and offers else None, **addressed(told.person, case),
    )  # fmt: skip


async def _told_of(session: AsyncSession, one: Near, language: str) -> dict[str, Any]:
    row, question = one.prospect, one.case.question
    term = await session.get(Period, row.term_id)
    return {
        "ref": question.ref, "title": question.title, "by": row.hand_in_by.isoformat(),
        "offering": named(await session.get_one(Offering, row.offering_id), language),
        "institution": named(await session.get_one(Organisation, row.institution_id), language),
        "term": f"{term.code} {term.year}" if term else "", "starts_on": one.starts_on.isoformat(),
        "left": "" if one.left is None else one.left, "now": standing(one.case, language).as_facts(),
    }  # fmt: skip

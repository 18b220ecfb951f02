"""Owing letters: who gets which because of an event. Written in the same transaction as its entries.

An event is a step with all that follows from it by itself. Whoever is to get several letters about one question by one
event gets one: of those that come soonest the one that asks most (`schemas.kinds`), first in the order of the table.
It names the others, each with the role in which it was meant.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from sqlmodel import col, insert, select

from schemas.absence import away_on, resolve
from schemas.case import Case
from schemas.facts import common_facts, meet, more_facts
from schemas.guards import holds
from schemas.kinds import ASKS, DAILY, NEVER, STAFF, WEEKLY, How, kind_of, place_of
from schemas.ledger import Entry, Letter, LetterState
from schemas.letter_events import happened
from schemas.parties import Person
from schemas.roles import EVERYWHERE, in_office, people_of
from schemas.rules import Role, Tell
from schemas.settings import settings
from schemas.wishes import how_for, leaves_at
from schemas.words import word

NEW = insert(Letter)
STATES = {DAILY: LetterState.KEPT, WEEKLY: LetterState.KEPT, NEVER: LetterState.WITHHELD}


class Meant(NamedTuple):
    """A letter as a row of the process means it: for whom, in what role, in whose place."""

    letter: str
    role: Role
    person: Person
    absent: Person | None


@dataclass
class Owed:
    """One letter on its way to a row. `also`: what it says besides."""

    first: Meant
    entry: Entry
    facts: dict[str, Any]
    also: list[dict[str, Any]] = field(default_factory=list)


async def recipients(
    case: Case, tells: Iterable[Tell], needs: dict[str, object], actor_id: int | None
) -> AsyncIterator[Meant]:
    """Everything that these rows mean now, in their order. Who is away gets none: it goes to the substitute."""
    away = await away_on(case.session, case.today)
    for tell in tells:
        if not holds(tell.when, case, needs):
            continue
        for role in tell.to:
            for holder in await _holders(case, role):
                there = resolve(away, holder.id)
                person = holder if there == holder.id else await case.session.get_one(Person, there)
                if not (person.id == actor_id and role in STAFF):
                    yield Meant(tell.letter, role, person, holder if person is not holder else None)


async def _holders(case: Case, role: Role) -> list[Person]:
    if role in EVERYWHERE:
        return await case.once(role, lambda: in_office(case.session, role, case.today))
    if role == Role.FOLLOWER and not case.is_target:
        return []
    return await people_of(case.session, role, case.question, case.concerned, case.today)


async def folded(
    case: Case, tells: Iterable[Tell], needs: dict[str, object], actor_id: int | None
) -> list[Sequence[Meant]]:
    """What these rows mean, by person: the letter that goes, and behind it what it says besides."""
    found: dict[int, list[Meant]] = {}
    async for one in recipients(case, tells, needs, actor_id):
        found.setdefault(one.person.id, []).append(one)
    return [sorted(meant, key=weight) for meant in found.values()]


def weight(one: Meant) -> tuple[int, int]:
    """What decides which of several letters goes: the least."""
    return list(How).index(_how(one)), place_of(one.letter)


def _how(one: Meant) -> How:
    return how_for(one.person, kind_of(one.letter, one.role))


async def owe(
    case: Case, entry: Entry, tells: Sequence[Tell], term: str | None = None, *, others: bool = False
) -> None:
    """Note the letters owed because of an entry; `send_off` writes them. `others`: not to whoever took the step."""
    common, known = dict[str, dict[str, Any]](), dict[tuple[str, str], dict[str, Any]]()
    await meet(case, entry, [role for tell in tells for role in tell.to])
    for first, *rest in await folded(case, tells, entry.needs, entry.actor_id):
        if others and first.person.id == entry.actor_id:
            continue
        language = first.person.language
        key = first.letter, language
        if language not in common:
            common[language] = await common_facts(case, entry, language, term)
        if key not in known:
            known[key] = await more_facts(case, *key)
        own = {"recipient": first.person.name, "role": first.role.value,
               "in_place_of": first.absent.name if first.absent else None}  # fmt: skip
        _add(case, Owed(first, entry, common[language] | own | known[key], [_besides(one) for one in rest]))


def _besides(one: Meant, **own: Any) -> dict[str, Any]:
    """How a letter is named in the one that it was folded into. `own`: facts in which the two differ."""
    trajectory = own.get("trajectory") or {}
    return {
        "letter": one.letter, "role": one.role.value, "role_label": word(one.person.language, f"roles.{one.role}"),
        "in_place_of": one.absent.name if one.absent else None, "about": trajectory.get("ref"), "asks": _asks(one),
        "facts": own,
    }  # fmt: skip


def _asks(one: Meant) -> bool:
    """Whether somebody who works on the desk must act there too: the link in the letter is for the other role."""
    return one.role in STAFF and kind_of(one.letter, one.role) is ASKS


def _add(case: Case, new: Owed) -> None:
    """Fold into what the same person is to get about the same question by this event."""
    for n, one in enumerate(case.owed):
        if (one.first.person.id, one.entry.question_id) == (new.first.person.id, new.entry.question_id):
            first, second = sorted((one, new), key=lambda owed: weight(owed.first))
            own = {key: value for key, value in second.facts.items() if first.facts.get(key) != value}
            first.also.append(_besides(second.first, **own))
            first.also += [row | {"facts": own | row["facts"]} for row in second.also]
            case.owed[n] = first
            return
    case.owed.append(new)


async def send_off(case: Case) -> None:
    """Write the letters of this event: each person one about each question."""
    if not case.owed:
        return
    rows = [_row(case, one) for one in case.owed]
    case.owed.clear()
    await (await case.session.connection()).execute(NEW, rows)
    if unwanted := [row["message_id"] for row in rows if row["state"] == STATES[NEVER]]:
        found = await case.session.exec(select(Letter).where(col(Letter.message_id).in_(unwanted)))
        case.session.add_all(happened(one, "switched_off", state=one.state) for one in found)


def _row(case: Case, one: Owed) -> dict[str, Any]:
    person, how = one.first.person, _how(one.first)
    kind, city = kind_of(one.first.letter, one.first.role), case.cooperation.data.get("post") or {}
    also = {"also": _once(one)} if one.also else {}
    return addressed(person, case) | {
        "entry_id": one.entry.id, "question_id": one.entry.question_id, "trajectory_id": one.entry.trajectory_id,
        "name": one.first.letter, "role": one.first.role.value, "facts": one.facts | also, "may_retry": False,
        "state": STATES.get(how, LetterState.OWED),
        "due_at": leaves_at(person, kind, case.now, city, case.city_days),
    }  # fmt: skip


def _once(one: Owed) -> list[dict[str, Any]]:
    """What is said besides, each thing once: somebody may stand in for two who get the same."""
    found: list[dict[str, Any]] = []
    for row in one.also:
        if row not in found and row != _besides(one.first):
            found.append(row)
    return found


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

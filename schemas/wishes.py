"""How somebody wants their mail: each kind at once, gathered or not at all, and their quiet hours.

It stands in the person's own row, which everybody who owes them a letter has in hand: asking it costs no query.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import cooperation_of
from schemas.clock import Calendar
from schemas.kinds import CHOICES, NEVER, NOW, OPTIONAL, How, Kind, kind_of
from schemas.ledger import Letter, LetterState
from schemas.letter_events import happened
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.people import note
from schemas.planning import committee_days
from schemas.quiet import Quiet, next_digest, opening

HOUR = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
QUIET = ("city", "own", "none")  # whose quiet hours hold
City = Mapping[str, Any]


def how_for(person: Person, kind: Kind) -> How:
    """What they chose for letters of a kind, or what holds for whoever chose nothing."""
    chosen = person.mail.get(kind)
    return How(chosen) if chosen in CHOICES[kind].may else CHOICES[kind].otherwise


def quiet_for(person: Person, city: City) -> Quiet:
    """Their own quiet hours, else the city's."""
    own = person.mail.get("quiet")
    return Quiet.of(city if own is None else own)


def leaves_at(person: Person, kind: Kind, at: datetime, city: City, days: Calendar) -> datetime:
    """From when on a letter of this kind may go to them, when it is owed now."""
    how = how_for(person, kind)
    if kind not in OPTIONAL or how is NEVER:
        return at
    return opening(at if how is NOW else next_digest(at, how, city, days), quiet_for(person, city), days)


@dataclass(frozen=True)
class Wishes:
    """What somebody asks for, checked. `quiet`: None for the city's hours, {} for none."""

    kinds: Mapping[Kind, How]
    quiet: Mapping[str, Any] | None


def read_wishes(given: Mapping[str, Any]) -> Wishes:
    """From a form or a program. Raises FaultyNeeds with every fault."""
    faults, kinds = [], {}
    for kind in OPTIONAL:
        chosen = str(given.get(kind) or "")
        if chosen and chosen not in CHOICES[kind].may:
            faults.append(Fault(kind, "not_a_choice"))
        elif chosen:
            kinds[kind] = How(chosen)
    whose = str(given.get("quiet") or QUIET[0])
    if whose not in QUIET:
        faults.append(Fault("quiet", "not_a_choice"))
    hours = {name: _hour(str(given.get(name) or ""), name, faults) for name in ("quiet_from", "quiet_until")
             if whose == "own"}  # fmt: skip
    if faults:
        raise FaultyNeeds(faults)
    own = hours | {"closed_days": bool(given.get("closed_days"))} if whose == "own" else {}
    return Wishes(kinds, None if whose == "city" else own)


def _hour(typed: str, name: str, faults: list[Fault]) -> str:
    found = HOUR.fullmatch(typed.strip())
    if not found:
        faults.append(Fault(name, "not_a_time" if typed.strip() else "missing"))
        return ""
    return time(int(found[1]), int(found[2])).isoformat("minutes")


async def wish(session: AsyncSession, person_id: int, wishes: Wishes, actor_id: int) -> Person:
    """Keep what somebody asks for; what is being kept for them goes along."""
    person = await _locked(session, person_id)
    mail = {name: value for name, value in person.mail.items() if name != "quiet"}
    mail |= {str(kind): str(how) for kind, how in wishes.kinds.items()}
    mail |= {} if wishes.quiet is None else {"quiet": dict(wishes.quiet)}
    await _keep(session, person, mail, actor_id, [*wishes.kinds])
    return person


async def switch_off(session: AsyncSession, person_id: int, kinds: Collection[Kind]) -> Person:
    """No more letters of these kinds, as with one click in a mail program. A second time changes nothing."""
    person = await _locked(session, person_id)
    off = [kind for kind in kinds if kind in OPTIONAL and how_for(person, kind) is not NEVER]
    before = {str(kind): person.mail.get(kind) for kind in off}
    mail = {**person.mail, **dict.fromkeys(map(str, off), str(NEVER)), "before": {**_before(person), **before}}
    if off:
        await _keep(session, person, mail, person_id, off)
    return person


async def switch_on(session: AsyncSession, person_id: int, kinds: Collection[Kind]) -> Person:
    """These kinds again, as they came before they were switched off."""
    person = await _locked(session, person_id)
    off, before = [kind for kind in kinds if how_for(person, kind) is NEVER], _before(person)
    mail = {name: value for name, value in person.mail.items() if name not in off}
    mail |= {str(kind): before[kind] for kind in off if before.get(kind)}
    if off:
        await _keep(session, person, mail, person_id, off)
    return person


def _before(person: Person) -> dict[str, Any]:
    return dict(person.mail.get("before") or {})


async def _locked(session: AsyncSession, person_id: int) -> Person:
    query = select(Person).where(Person.id == person_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).one()


async def _keep(
    session: AsyncSession, person: Person, mail: dict[str, Any], actor_id: int, kinds: Collection[Kind]
) -> None:
    if mail == person.mail:
        return
    person.mail = mail
    session.add(person)
    shown = {name: value for name, value in mail.items() if name != "before"}
    note(session, actor_id, person.id, "mail_chosen", **shown)
    await _set_right(session, person, kinds)


async def _set_right(session: AsyncSession, person: Person, kinds: Collection[Kind]) -> None:
    """What is being kept for them follows the new choice."""
    cooperation = await cooperation_of(session)
    city, days = cooperation.data.get("post") or {}, await committee_days(session, cooperation)
    query = select(Letter).where(Letter.state == LetterState.KEPT, Letter.recipient_id == person.id)
    for letter in await session.exec(query.with_for_update()):
        kind = kind_of(letter.name, letter.role)
        if kind not in kinds:
            continue
        how = how_for(person, kind)
        letter.state = {NOW: LetterState.OWED, NEVER: LetterState.WITHHELD}.get(how, LetterState.KEPT)
        letter.due_at = leaves_at(person, kind, now(), city, days)
        session.add(letter)
        if letter.state != LetterState.KEPT:
            what = "switched_off" if how is NEVER else "released"
            session.add(happened(letter, what, state=letter.state, actor_id=person.id))

"""Keeping how somebody wants their mail: what they ask for, or kinds of letters switched off and on with one click.

What is being kept for them follows the new choice at once.
"""

from collections.abc import Collection
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import cooperation_of
from schemas.kinds import NEVER, NOW, OPTIONAL, Kind, kind_of
from schemas.ledger import Letter, LetterState
from schemas.letter_events import happened
from schemas.moment import now
from schemas.parties import Person
from schemas.people import note
from schemas.planning import committee_days
from schemas.wishes import Wishes, how_for, leaves_at


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

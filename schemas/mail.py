"""What a person may do about a letter: send it again, correct its address, withhold it, say that it has arrived."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.access import Session, SignInLink
from schemas.ledger import Letter, LetterState
from schemas.letter_events import happened
from schemas.letters import new_message_id
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.people import note
from schemas.settings import settings

ARRIVED = "The link in this letter was used, so it has arrived."
MAY_HAVE_ARRIVED = frozenset({LetterState.SENT, LetterState.UNCERTAIN, LetterState.BOUNCED})
TOGETHER = frozenset({LetterState.KEPT, LetterState.GATHERED})  # sent by itself, when somebody asks for that
AHEAD = (LetterState.OWED, LetterState.KEPT)  # not handed to the mail server yet
# From which states each action leads on. A letter that is being sent is in the hands of the flows.
OPEN_TO: dict[str, frozenset[LetterState]] = {
    "resend": frozenset({LetterState.REFUSED, LetterState.WITHHELD}) | TOGETHER | MAY_HAVE_ARRIVED,
    "address": frozenset(LetterState) - {LetterState.SENDING},
    "withhold": frozenset(
        {LetterState.OWED, LetterState.KEPT, LetterState.REFUSED, LetterState.UNCERTAIN, LetterState.BOUNCED}
    ),
    "arrived": frozenset({LetterState.UNCERTAIN}),
}


class TooLate(RuntimeError):  # noqa: N818 - named for what happened, as the pages say it
    """The letter is in a state by now in which this cannot be done."""


def message_id_for(letter: Letter) -> str:
    """Of a letter that a person sends again: a new one when the earlier may have arrived.

    Mail programs show two messages of one Message-ID as one. That is right for a retry that nobody asked for; when
    somebody asks to get it again, a copy that hides behind the one they cannot find would be of no use.
    """
    return new_message_id() if letter.state in MAY_HAVE_ARRIVED else letter.message_id


async def resend(session: AsyncSession, letter: Letter, actor_id: int) -> None:
    """Owe a letter again: the same facts, to the address that its recipient has now. Raises TooLate."""
    person = await session.get_one(Person, letter.recipient_id)
    lasts = now() + timedelta(days=settings().link_days)
    await _change(
        session, letter, "resend", state=LetterState.OWED, due_at=now(), attempts=0, email=person.email,
        message_id=message_id_for(letter), reply=None, sent_at=None, may_retry=False, retried_at=None, handed_at=None,
        expires_at=lasts if letter.expires_at else None,
    )  # fmt: skip
    session.add(happened(letter, "resent", state=LetterState.OWED, actor_id=actor_id))


async def withhold(session: AsyncSession, letter: Letter, actor_id: int, reason: str) -> None:
    """Never send it, unless somebody decides otherwise later. Raises FaultyNeeds without a reason, TooLate."""
    if not reason.strip():
        raise FaultyNeeds([Fault("reason", "missing")])
    await _change(session, letter, "withhold", state=LetterState.WITHHELD, may_retry=False)
    session.add(happened(letter, "withheld", state=LetterState.WITHHELD, reply=reason.strip(), actor_id=actor_id))


async def arrived(session: AsyncSession, letter: Letter, actor_id: int | None) -> None:
    """An uncertain letter turns out to have arrived: somebody says so, or its link was used. Raises TooLate."""
    await _change(session, letter, "arrived", state=LetterState.SENT, sent_at=letter.handed_at, may_retry=False)
    said = "" if actor_id else ARRIVED
    session.add(happened(letter, "arrived", state=LetterState.SENT, reply=said, actor_id=actor_id))


async def still_owed_to(session: AsyncSession, person_id: int) -> list[Letter]:
    """The letters to somebody that have not been handed to the mail server."""
    query = select(Letter).where(Letter.recipient_id == person_id, col(Letter.state).in_(AHEAD))
    return list(await session.exec(query.order_by(col(Letter.id))))


async def readdress(session: AsyncSession, letter: Letter, actor_id: int, email: str) -> None:
    """Another address for the recipient: this letter goes there, and so does all that is still owed to them.

    What the old address has in hand stops working: links, sessions. Raises FaultyNeeds, TooLate.
    """
    person, email = await session.get_one(Person, letter.recipient_id), email.strip().lower()
    if email == person.email:
        raise FaultyNeeds([Fault("email", "same_address")])
    if (await session.exec(select(Person.id).where(Person.email == email))).first():
        raise FaultyNeeds([Fault("email", "address_taken")])
    before = person.email
    person.email = email
    session.add(person)
    note(session, actor_id, person.id, "readdressed", before=before, after=email, letter=letter.id)
    await _close_to(session, person.id, before)
    await session.flush()
    for one in await still_owed_to(session, person.id):
        one.email = email
        session.add(happened(one, "readdressed", state=one.state, reply=f"{before} → {email}", actor_id=actor_id))
    if letter.state not in AHEAD:
        await session.refresh(letter)
        await resend(session, letter, actor_id)


async def _close_to(session: AsyncSession, person_id: int, email: str) -> None:
    await session.exec(delete(Session).where(col(Session.person_id) == person_id))
    unused = (col(SignInLink.person_id) == person_id, col(SignInLink.used_at).is_(None))
    await session.exec(update(SignInLink).where(*unused).values(used_at=now()))
    gone = (col(Letter.recipient_id) == person_id, col(Letter.email) == email, col(Letter.state).not_in(AHEAD))
    await session.exec(
        update(Letter).where(*gone, col(Letter.expires_at) > now()).values(expires_at=now())
        .execution_options(synchronize_session=False)
    )  # fmt: skip


async def _change(session: AsyncSession, letter: Letter, action: str, **values: Any) -> None:
    if letter.state not in OPEN_TO[action]:
        raise TooLate(letter.state)
    done = await session.exec(
        update(Letter)
        .where(col(Letter.id) == letter.id, col(Letter.state) == letter.state, col(Letter.attempts) == letter.attempts)
        .values(lease=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        raise TooLate(letter.state)
    await session.refresh(letter)

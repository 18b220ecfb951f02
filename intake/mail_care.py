"""What one may do about a letter that did not arrive, or should not: for pages and API alike."""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.sight import Reader
from schemas import mail
from schemas.absence import places_of
from schemas.ledger import Letter, LetterState
from schemas.moment import now
from schemas.needs import Need, check, model_of
from schemas.roles import EVERYWHERE, memberships
from schemas.rules import Role

CARERS = {Role.COORDINATOR, Role.ADMIN}
DEFERRED = "deferred"  # owed, after a try that the mail server put off: shown apart, no state of its own
NEEDS: Mapping[str, Mapping[str, Need]] = {
    "resend": {}, "address": {"email": Need("email")}, "withhold": {"reason": Need("text", max=2000)}, "arrived": {},
}  # fmt: skip
MODELS = {name: model_of(needs, frozenset(needs), name.title()) for name, needs in NEEDS.items()}


def cares(reader: Reader) -> bool:
    """Whether somebody sees to the mail."""
    return bool(reader.roles & CARERS)


def shown_state(letter: Letter) -> str:
    """The state as it is shown: owed letters that were put off apart from those that wait for their first try."""
    return DEFERRED if letter.state == LetterState.OWED and letter.reply else letter.state


async def may_readdress(session: AsyncSession, reader: Reader, person_id: int) -> bool:
    """A coordinator may, but not for people with a say everywhere: whoever gets their mail can sign in as them.

    Whoever stands in for a coordinator may not: it is close to giving a right.
    """
    own = {Role(one.role) for one in reader.own} & CARERS
    today = now().date()
    people = (person_id, *await places_of(session, person_id, today))  # in whose place they act, too
    theirs = {one.role for person in people for one in await memberships(session, person, today)}
    return Role.ADMIN in own or (bool(own) and not theirs & EVERYWHERE)


async def actions_for(session: AsyncSession, reader: Reader, letter: Letter) -> list[str]:
    """What this reader may do about this letter now."""
    found = [name for name in NEEDS if cares(reader) and letter.state in mail.OPEN_TO[name]]
    if "address" in found and not await may_readdress(session, reader, letter.recipient_id):
        found.remove("address")
    return found


async def act(
    session: AsyncSession, reader: Reader, letter_id: int, action: str, given: Mapping[str, Any]
) -> Letter | None:
    """Do it; the letter as it is then, None when there is none. Raises NotForYou, FaultyNeeds, TooLate."""
    letter = await found(session, reader, letter_id)
    if letter is None:
        return None
    if not cares(reader) or (action == "address" and not await may_readdress(session, reader, letter.recipient_id)):
        raise NotForYou
    clean = check(MODELS[action], given)
    me = reader.person.id
    if action == "resend":
        await mail.resend(session, letter, me)
    elif action == "address":
        await mail.readdress(session, letter, me, clean["email"])
    elif action == "withhold":
        await mail.withhold(session, letter, me, clean["reason"])
    else:
        await mail.arrived(session, letter, me)
    return letter


async def found(session: AsyncSession, reader: Reader, letter_id: int) -> Letter | None:
    """A letter by its number; never one that lets somebody in."""
    letter = await session.get(Letter, letter_id) if 0 < letter_id < 2**31 else None
    return None if letter is None or letter.name == "sign-in" else letter

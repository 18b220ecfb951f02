"""Who is told that somebody answered, and what a person does with what came in. Who wrote never gets an answer."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, open_case
from schemas.facts import facts_of
from schemas.ledger import Entry, Letter
from schemas.letters import addressed, recipients
from schemas.mail import TooLate
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.received import Fate, Received
from schemas.references import normal
from schemas.rules import Role, Tell
from schemas.settings import settings
from schemas.subjects import Question

LETTER = "reply-received"
HOUR = timedelta(hours=1)
SENDERS = 4  # of all senders together so many times what one may set off
# From which states each action leads on. What was removed keeps its place, without words.
OPEN_TO: dict[str, frozenset[str]] = {
    "read": frozenset({Fate.NEW}),
    "attach": frozenset({Fate.NEW, Fate.READ, Fate.ASIDE}),
    "aside": frozenset({Fate.NEW, Fate.READ}),
}


async def tell(session: AsyncSession, row: Received, answered: Letter | None) -> None:
    """Owe the coordinator a letter that says that somebody answered; not what, and never more than so many an hour.

    What strangers wrote is not sent on in our name, and may still be removed. An answer to such a letter sets off no
    other: two coordinators who are away cannot keep each other busy.
    """
    if answered and answered.name == LETTER:
        return
    question = await session.get_one(Question, row.question_id)
    if not await _room(session, row):
        return
    case = await open_case(session, question)
    writer = (await session.exec(select(Person.id).where(Person.email == row.from_email))).first()
    tells = [Tell(LETTER, (Role.COORDINATOR,))]
    told = [one async for one in recipients(case, tells, {}, writer)]
    for _, role, person, absent in told:
        await _owe(case, row, person, role, absent)
    row.told = bool(told)
    session.add(row)
    await session.flush()


async def _room(session: AsyncSession, row: Received) -> bool:
    most = settings().replies_told_per_hour
    recent = (Received.question_id == row.question_id, col(Received.told).is_(True), col(Received.at) > now() - HOUR)
    senders = list(await session.exec(select(Received.from_email).where(*recent)))
    return senders.count(row.from_email) < most and len(senders) < most * SENDERS


async def _owe(case: Case, row: Received, person: Person, role: Role, absent: Person | None) -> None:
    # Facts are told of an entry; a message that came in is none.
    as_entry = Entry(question_id=case.question.id, version=0, step=LETTER, from_state="", to_state="",
                     role=Role.PUBLIC, actor_id=row.person_id)  # fmt: skip
    writer = await case.session.get(Person, row.person_id) if row.person_id else None
    reply = {"name": writer.name if writer else "", "email": row.from_email, "files": len(row.files)}
    facts = await facts_of(case, as_entry, person, role) | {
        "in_place_of": absent.name if absent else None, "reply": reply, "actor_role": "",
    }  # fmt: skip
    about: dict[str, Any] = {"question_id": case.question.id, "name": LETTER, "role": role.value, "facts": facts}
    case.session.add(Letter(**(about | addressed(person, case))))


async def settle(session: AsyncSession, row: Received, action: str, actor_id: int, question: str = "") -> None:
    """Mark as read, attach to a question, or put aside. Raises FaultyNeeds, TooLate."""
    values: dict[str, object] = {"state": Fate.ASIDE if action == "aside" else Fate.READ}
    if action == "attach":
        query = select(Question.id).where(Question.ref == normal(question).split(".")[0])
        found = (await session.exec(query)).first()
        if found is None:
            raise FaultyNeeds([Fault("question", "unknown")])
        values |= {"question_id": found, "maybe_id": None}
    done = await session.exec(
        update(Received)
        .where(col(Received.id) == row.id, col(Received.state).in_(OPEN_TO[action]))
        .values(settled_by_id=actor_id, settled_at=now(), **values)
        .execution_options(synchronize_session=False)
    )
    if not done.rowcount:
        raise TooLate(row.state)
    await session.refresh(row)


async def remove(session: AsyncSession, row: Received, actor_id: int) -> None:
    """Empty its words, as of a removed note; that it came in stays. Doing it twice is doing it once."""
    await session.exec(
        update(Received)
        .where(col(Received.id) == row.id, col(Received.removed_at).is_(None))
        .values(text="", quoted="", subject="", from_name="", files=[], removed_by_id=actor_id, removed_at=now())
        .execution_options(synchronize_session=False)
    )
    read = update(Received).where(col(Received.id) == row.id, col(Received.state) == Fate.NEW)
    gone = read.values(state=Fate.READ, settled_by_id=actor_id, settled_at=now())
    await session.exec(gone.execution_options(synchronize_session=False))
    await session.refresh(row)

"""Handing over all open work of somebody who leaves: by steps, in one transaction, each in the ledger."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.absence import Absence
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Membership, Organisation, Person
from schemas.people import give, note, open_work
from schemas.rules import Role
from schemas.steps import Actor, take_step
from schemas.subjects import Question, Trajectory

# The step that puts somebody else in a role, and what its needs begin with.
STEPS = {
    Role.OWNER: ("change_owner", "owner"), Role.DEPUTY: ("change_deputy", "deputy"),
    Role.LECTURER: ("change_lecturer", "lecturer"), Role.STUDENT: ("change_student_contact", "student"),
}  # fmt: skip
SEATS = (Role.COMMITTEE, Role.CHAIR)  # whoever has them owes votes


@dataclass
class Handed:
    """What went over: how many of each kind; `left` is what the successor could not take, by reference."""

    done: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)


async def hand_over(session: AsyncSession, actor: Actor, leaver: Person, successor: Person, today: date) -> Handed:
    """Give all open work, seats in the committee and places as a substitute to one person. Raises FaultyNeeds."""
    if successor.id == leaver.id:
        raise FaultyNeeds([Fault("email", "yourself")])
    if successor.has_left(today):
        raise FaultyNeeds([Fault("email", "nobody_known")])
    handed = Handed()
    for role, subject in await open_work(session, leaver.id):
        step, prefix = STEPS[role]
        if successor.id in _barred(role, subject):
            handed.left.append(subject.ref or "")
            continue
        needs = {f"{prefix}_name": successor.name, f"{prefix}_email": successor.email}
        await take_step(session, subject, step, actor, needs)
        handed.done[role.value] += 1
    await _seats(session, actor, leaver, successor, handed)
    await _substitutes(session, leaver, successor, today, handed)
    if actor.person_id:
        note(session, actor.person_id, leaver.id, "handed_over", to=successor.id, left=handed.left, **handed.done)
    return handed


def _barred(role: Role, subject: Question | Trajectory) -> Iterator[int | None]:
    """Who cannot take this role here: nobody is owner and deputy of the same question."""
    if isinstance(subject, Question):
        yield subject.owner_id if role == Role.DEPUTY else subject.deputy_id


async def _seats(session: AsyncSession, actor: Actor, leaver: Person, successor: Person, handed: Handed) -> None:
    query = select(Membership, Organisation).join(Organisation, col(Organisation.id) == Membership.organisation_id)
    query = query.where(
        Membership.person_id == leaver.id, col(Membership.ended_on).is_(None), col(Membership.role).in_(SEATS)
    )
    for seat, house in await session.exec(query):
        if await give(session, actor.person_id or leaver.id, successor, Role(seat.role), house):
            handed.done[seat.role] += 1


async def _substitutes(session: AsyncSession, leaver: Person, successor: Person, today: date, handed: Handed) -> None:
    """Whoever counted on the leaver while away now counts on the successor; nobody stands in for themselves."""
    query = select(Absence).where(Absence.substitute_id == leaver.id, Absence.ends_on >= today)
    for row in await session.exec(query):
        if row.person_id == successor.id:
            handed.left.append(successor.name)
            continue
        row.substitute_id = successor.id
        session.add(row)
        handed.done["substitute"] += 1

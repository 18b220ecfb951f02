"""Who has which role towards a question or a trajectory, and who the people of a role are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm.util import identity_key
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import insert_once
from schemas.kept import kept, loose
from schemas.parties import Membership, Person
from schemas.rules import Role
from schemas.subjects import Question, Trajectory

EVERYWHERE = {Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.PRIVACY, Role.EXECUTIVE, Role.ADMIN}


class Offices:
    """The roles in organisations that people hold on one day, by person and by role."""

    def __init__(self, held: Iterable[Membership]) -> None:
        self.of: dict[int, list[Membership]] = defaultdict(list)
        self.by_role: dict[str, list[Membership]] = defaultdict(list)
        for one in held:
            self.of[one.person_id].append(one)
            self.by_role[one.role].append(one)


async def offices(session: AsyncSession, today: date) -> Offices:
    """Who holds what today."""

    async def look() -> Offices:
        there = or_(col(Membership.ended_on).is_(None), col(Membership.ended_on) > today)
        return Offices(loose(one) for one in await session.exec(select(Membership).where(there)))

    return await kept(session, f"offices {today}", look)


async def memberships(session: AsyncSession, person_id: int, today: date) -> Sequence[Membership]:
    """The roles in organisations that a person holds today."""
    return (await offices(session, today)).of.get(person_id, ())


def roles_towards(
    people: Collection[int], held: Iterable[Membership], question: Question, trajectories: Iterable[Trajectory]
) -> set[Role]:
    """The roles of a person, or of a person and those they stand in for, seen through the given trajectories."""
    trajectories, held = list(trajectories), list(held)
    roles = {Role(one.role) for one in held if one.role in EVERYWHERE}
    own = {
        Role.SUBMITTER: question.submitter_id,
        Role.OWNER: question.owner_id,
        Role.DEPUTY: question.deputy_id,
    }
    roles |= {role for role, holder in own.items() if holder in people}
    if any(one.lecturer_id in people for one in trajectories):
        roles.add(Role.LECTURER)
    if any(one.student_contact_id in people for one in trajectories):
        roles.add(Role.STUDENT)
    for one in held:
        if one.role == Role.BROKER and any(one.organisation_id == t.institution_id for t in trajectories):
            roles.add(Role.BROKER)
        if one.role == Role.PARTNER and one.organisation_id == question.target_id:
            roles.add(Role.PARTNER)
    return roles


async def people_of(
    session: AsyncSession, role: Role, question: Question, trajectories: Iterable[Trajectory], today: date
) -> list[Person]:
    """The people who hold a role towards a question, in a stable order; none is a possible answer."""
    ids = list(ids_of(await offices(session, today), role, question, list(trajectories)))
    if role == Role.OTHER_OWNER and question.merged_into_id:
        other = await session.get(Question, question.merged_into_id)
        ids = [other.owner_id if other else None]
    if role == Role.FOLLOWER:
        ids = list(await session.exec(select(Question.owner_id).where(col(Question.id).in_(merged_into(question.id)))))
    return [one for one in await people(session, ids) if not one.has_left(today)]


def ids_of(
    known: Offices, role: Role, question: Question, trajectories: Collection[Trajectory]
) -> Iterable[int | None]:
    """Who holds a role towards a question, as far as its own rows and the offices say; whoever left included."""
    own: dict[Role, list[int | None]] = {
        Role.SUBMITTER: [question.submitter_id],
        Role.OWNER: [question.owner_id],
        Role.OLD_OWNER: [question.old_owner_id],
        Role.DEPUTY: [question.deputy_id],
        Role.MANAGER: [question.manager_id],
        Role.LECTURER: [one.lecturer_id for one in trajectories],
        Role.STUDENT: [one.student_contact_id for one in trajectories],
    }
    return own[role] if role in own else _holders(known, role, question, trajectories)


async def people(session: AsyncSession, ids: Iterable[int | None]) -> list[Person]:
    """These people, by their ids; those that the session knows already are not asked for again."""
    wanted = {one for one in ids if one is not None}
    new = {one for one in wanted if identity_key(Person, one) not in session.identity_map}
    if new:
        await session.exec(select(Person).where(col(Person.id).in_(new)))
    return [await session.get_one(Person, one) for one in sorted(wanted)]


def merged_into(question_id: int | None) -> Any:
    """The questions that were merged into this one, and those merged into them."""
    first = select(Question.id).where(Question.merged_into_id == question_id, Question.state == "merged")
    found = first.cte("merged", recursive=True)
    more = select(Question.id).where(col(Question.merged_into_id) == found.c.id, Question.state == "merged")
    return select(found.union(more).c.id)


def followed(owners: Collection[int]) -> Any:
    """The questions that questions of these owners have been merged into, however often."""
    first = select(Question.merged_into_id).where(col(Question.owner_id).in_(owners), Question.state == "merged")
    found = first.cte("followed", recursive=True)
    more = select(Question.merged_into_id).where(col(Question.id) == found.c.merged_into_id, Question.state == "merged")
    return select(found.union(more).c.merged_into_id)


async def in_office(session: AsyncSession, role: Role, today: date) -> list[Person]:
    """The people who hold a role that is the same towards every question."""
    return await people_of(session, role, Question(), [], today)


def _holders(known: Offices, role: Role, question: Question, trajectories: Collection[Trajectory]) -> Iterable[int]:
    houses: dict[Role, set[str | None]] = {
        Role.LEAD: {question.lead_id}, Role.BROKER: {one.institution_id for one in trajectories},
        Role.PARTNER: {question.target_id},
    }  # fmt: skip
    where = houses.get(role)
    held = known.by_role.get(Role.BROKER if role == Role.LEAD else role, [])
    return (one.person_id for one in held if where is None or one.organisation_id in where)


async def person_named(session: AsyncSession, name: str, email: str, language: str = "nl") -> Person:
    """The person with this address, made when not known yet. A known person keeps the name they have."""
    return (await people_named(session, [(name, email)], language))[0]


async def people_named(
    session: AsyncSession, named: Iterable[tuple[str, str]], language: str = "nl"
) -> Sequence[Person]:
    """As `person_named`, of several names with addresses, in their order; the same address is the same person."""
    wanted = [(" ".join(name.split()), email.strip().lower()) for name, email in named]
    query = select(Person).where(col(Person.email).in_({email for _, email in wanted}))
    known = {one.email: one for one in await session.exec(query)}
    # In one order for all, so that two who name the same new people cannot lock each other out.
    new = sorted({email: name for name, email in reversed(wanted) if email not in known}.items())
    for email, name in new:
        await insert_once(session, Person, name=name, email=email, language=language)
    if new:
        known = {one.email: one for one in await session.exec(query)}
    return [known[email] for _, email in wanted]

"""Who has which role towards a question or a trajectory, and who the people of a role are."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import or_
from sqlalchemy.orm.util import identity_key
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import insert_once
from schemas.parties import Membership, Person
from schemas.rules import Role
from schemas.subjects import Question, Trajectory

EVERYWHERE = {Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.PRIVACY, Role.EXECUTIVE, Role.ADMIN}


async def memberships(session: AsyncSession, person_id: int, today: date) -> list[Membership]:
    """The roles in organisations that a person holds today."""
    rows = await session.exec(
        select(Membership).where(
            Membership.person_id == person_id,
            or_(col(Membership.ended_on).is_(None), col(Membership.ended_on) > today),
        )
    )
    return list(rows)


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
    trajectories = list(trajectories)
    ids: list[int | None] = {
        Role.SUBMITTER: [question.submitter_id],
        Role.OWNER: [question.owner_id],
        Role.OLD_OWNER: [question.old_owner_id],
        Role.DEPUTY: [question.deputy_id],
        Role.MANAGER: [question.manager_id],
        Role.LECTURER: [one.lecturer_id for one in trajectories],
        Role.STUDENT: [one.student_contact_id for one in trajectories],
    }.get(role, [])
    if role == Role.OTHER_OWNER and question.merged_into_id:
        other = await session.get(Question, question.merged_into_id)
        ids = [other.owner_id if other else None]
    if role == Role.FOLLOWER:
        ids = list(await session.exec(select(Question.owner_id).where(col(Question.id).in_(merged_into(question.id)))))
    if role in EVERYWHERE | {Role.BROKER, Role.PARTNER, Role.LEAD}:
        ids = list(await _holders(session, role, question, trajectories, today))
    return [one for one in await people(session, ids) if not one.has_left(today)]


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


async def _holders(
    session: AsyncSession, role: Role, question: Question, trajectories: list[Trajectory], today: date
) -> Iterable[int]:
    query = select(Membership.person_id).where(
        Membership.role == (Role.BROKER if role == Role.LEAD else role),
        or_(col(Membership.ended_on).is_(None), col(Membership.ended_on) > today),
    )
    if role == Role.LEAD:
        query = query.where(Membership.organisation_id == question.lead_id)
    if role == Role.BROKER:
        query = query.where(col(Membership.organisation_id).in_([one.institution_id for one in trajectories]))
    if role == Role.PARTNER:
        query = query.where(Membership.organisation_id == question.target_id)
    return await session.exec(query)


async def person_named(session: AsyncSession, name: str, email: str, language: str = "nl") -> Person:
    """The person with this address, made when not known yet. A known person keeps the name they have."""
    email = email.strip().lower()
    await insert_once(session, Person, name=" ".join(name.split()), email=email, language=language)
    return (await session.exec(select(Person).where(Person.email == email))).one()

"""People and their roles: invited, changed, ended. Each change is kept: who did what to whom, and when."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, or_, update
from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.access import ApiToken, Session, SignInLink
from schemas.database import insert_once
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Membership, Organisation, Person
from schemas.process import QUESTION, TRAJECTORY
from schemas.rules import Role
from schemas.subjects import Question, Trajectory

LOCAL: dict[Role, tuple[str, ...]] = {Role.BROKER: ("wo", "hbo", "mbo", "art"), Role.PARTNER: ("partner",)}
GIVEN = (Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.BROKER, Role.PARTNER, Role.PRIVACY, Role.EXECUTIVE,
         Role.ADMIN)  # fmt: skip
NEVER_NOBODY = (Role.ADMIN, Role.COORDINATOR)


class PeopleChange(SQLModel, table=True):
    """One thing done to somebody's rights; never changed."""

    id: int = Field(default=None, primary_key=True)
    actor_id: int = Field(foreign_key="person.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    what: str  # invited, role_given, role_ended, left, away, back, readdressed, handed_over
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(default_factory=now)


def may_give(own: Iterable[Membership], role: Role, organisation: Organisation) -> bool:
    """Whether somebody with these roles of their own may give or end a role in an organisation."""
    own = list(own)
    fits = role not in LOCAL or organisation.kind in LOCAL[role]
    if any(one.role == Role.ADMIN for one in own):
        return fits and role in GIVEN
    return role in LOCAL and fits and any(one.role == role and one.organisation_id == organisation.id for one in own)


def note(session: AsyncSession, actor_id: int, person_id: int, what: str, **details: Any) -> None:
    """Keep what was done."""
    session.add(PeopleChange(actor_id=actor_id, person_id=person_id, what=what, details=details))


async def give(session: AsyncSession, actor_id: int, person: Person, role: Role, organisation: Organisation) -> bool:
    """Give a role, or give it again; False when it is theirs already. Who had left is back."""
    person.left_on = None
    session.add(person)
    made = await insert_once(
        session, Membership, person_id=person.id, organisation_id=organisation.id, role=role, ended_on=None
    )
    one = (await session.exec(_membership(person.id, role, organisation.id))).one()
    if not made and one.ended_on is None:
        return False
    one.ended_on = None
    session.add(one)
    note(session, actor_id, person.id, "role_given", role=role, organisation=organisation.id)
    return True


def _membership(person_id: int, role: Role, organisation_id: str) -> Any:
    return select(Membership).where(
        Membership.person_id == person_id, Membership.role == role, Membership.organisation_id == organisation_id
    )


async def end_role(session: AsyncSession, actor_id: int, one: Membership, today: date) -> None:
    """End a role from today on. Raises FaultyNeeds when nobody would hold it any more."""
    await _somebody_left(session, one.person_id, {one.role}, today)
    one.ended_on = today
    session.add(one)
    note(session, actor_id, one.person_id, "role_ended", role=one.role, organisation=one.organisation_id)


async def leave(session: AsyncSession, actor_id: int, person: Person, today: date) -> None:
    """Somebody leaves: roles end, and no session, token or mailed link of theirs opens anything from now on."""
    query = select(Membership).where(Membership.person_id == person.id, col(Membership.ended_on).is_(None))
    held = list(await session.exec(query))
    await _somebody_left(session, person.id, {one.role for one in held}, today)
    for one in held:
        one.ended_on = today
        session.add(one)
    person.left_on = today
    session.add(person)
    for table in (Session, ApiToken):
        await session.exec(delete(table).where(col(table.person_id) == person.id))
    unused = (col(SignInLink.person_id) == person.id, col(SignInLink.used_at).is_(None))
    await session.exec(update(SignInLink).where(*unused).values(used_at=now()))
    note(session, actor_id, person.id, "left", roles=sorted(one.role for one in held))


async def _somebody_left(session: AsyncSession, leaver: int, roles: set[str], today: date) -> None:
    for role in NEVER_NOBODY:
        if role in roles:
            query = select(Membership).join(Person, col(Person.id) == Membership.person_id).where(
                Membership.role == role, Membership.person_id != leaver, col(Person.left_on).is_(None),
                or_(col(Membership.ended_on).is_(None), col(Membership.ended_on) > today),
            ).with_for_update()  # fmt: skip
            if not (await session.exec(query)).first():
                raise FaultyNeeds([Fault("role", "last_one")])


async def open_work(session: AsyncSession, person_id: int) -> list[tuple[Role, Question | Trajectory]]:
    """What waits or may yet wait for somebody by name: questions owned or deputised, trajectories as lecturer."""
    found: list[tuple[Role, Question | Trajectory]] = []
    for role, column in ((Role.OWNER, Question.owner_id), (Role.DEPUTY, Question.deputy_id)):
        query = select(Question).where(col(column) == person_id, col(Question.state).not_in(QUESTION.ends | {"draft"}))
        found += [(role, one) for one in await session.exec(query.order_by(col(Question.id)))]
    query_of = select(Trajectory).where(
        Trajectory.lecturer_id == person_id,
        or_(
            col(Trajectory.state).not_in(TRAJECTORY.ends),
            (col(Trajectory.state) == "completed") & col(Trajectory.published_on).is_(None),
        ),
    )
    found += [(Role.LECTURER, one) for one in await session.exec(query_of.order_by(col(Trajectory.id)))]
    # Until the result is public the students' contact still has a say.
    students = select(Trajectory).where(
        Trajectory.student_contact_id == person_id, col(Trajectory.state).in_(("delivered", "completed")),
        col(Trajectory.published_on).is_(None),
    )  # fmt: skip
    return found + [(Role.STUDENT, one) for one in await session.exec(students.order_by(col(Trajectory.id)))]

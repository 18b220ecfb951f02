"""What a reader may see: one filter for lists, search, counts and single questions alike."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case
from schemas.parties import Membership, Person
from schemas.roles import EVERYWHERE, followed, roles_towards
from schemas.rules import Role
from schemas.subjects import Question, Trajectory

HIDDEN = ("draft", "discarded")


@dataclass(frozen=True)
class Reader:
    """Somebody known, with the roles they hold in organisations today."""

    person: Person
    held: tuple[Membership, ...]  # of those they stand in for too
    places: tuple[int, ...] = ()  # in whose place they act today

    @property
    def ids(self) -> set[int]:
        return {self.person.id, *self.places}

    @property
    def own(self) -> tuple[Membership, ...]:
        """What they hold themselves: a substitute takes steps, and gives no rights."""
        return tuple(one for one in self.held if one.person_id == self.person.id)

    @property
    def roles(self) -> set[Role]:
        return {Role(one.role) for one in self.held}

    @property
    def sees_all(self) -> bool:
        return bool(self.roles & EVERYWHERE)

    def organisations(self, role: Role) -> list[str]:
        return [one.organisation_id for one in self.held if one.role == role]


def visible(reader: Reader | None) -> ColumnElement[bool]:
    """The condition under which a question may be seen by this reader; drafts never are."""
    if reader is None:
        return false()
    submitted = col(Question.state).not_in(HIDDEN)
    if reader.sees_all:
        return submitted
    # One set, put together from indexes: a database that must choose among ORs reads the whole table instead.
    target = select(Question.id).where(col(Question.target_id).in_(reader.organisations(Role.PARTNER)))
    lead = select(Question.id).where(col(Question.lead_id).in_(reader.organisations(Role.BROKER)))
    attempts = [select(Trajectory.question_id).where(one) for one in through(reader)]
    return and_(submitted, col(Question.id).in_(union(*of_own(reader), target, lead, followed(reader.ids), *attempts)))


def of_own(reader: Reader) -> list[Select[Any]]:
    """The questions that the reader asked, owns, is deputy of or manages the owner of: four ways to find them."""
    columns = (Question.submitter_id, Question.owner_id, Question.deputy_id, Question.manager_id)
    return [select(Question.id).where(col(one).in_(reader.ids)) for one in columns]


def through(reader: Reader) -> list[ColumnElement[bool]]:
    """What makes a trajectory the reader's own: each finds some by itself."""
    houses = reader.organisations(Role.BROKER)
    return [
        col(Trajectory.lecturer_id).in_(reader.ids),
        col(Trajectory.student_contact_id).in_(reader.ids),
        *([col(Trajectory.institution_id).in_(houses)] if houses else ()),
    ]


def roles_here(reader: Reader, case: Case) -> set[Role]:
    """The reader's roles towards the case's subject."""
    return roles_towards(reader.ids, reader.held, case.question, case.concerned)


def seen_attempts(reader: Reader, question: Question, attempts: Iterable[Trajectory]) -> Sequence[Trajectory]:
    """The trajectories a reader may see: all for the city's side, their own for an institution."""
    mine = {question.submitter_id, question.owner_id, question.deputy_id, question.manager_id}
    if reader.sees_all or reader.ids & mine:
        return list(attempts)
    houses = reader.organisations(Role.BROKER)
    return [
        one
        for one in attempts
        if reader.ids & {one.lecturer_id, one.student_contact_id} or one.institution_id in houses
    ]


async def sees(session: AsyncSession, reader: Reader, question: Question, attempts: Iterable[Trajectory] = ()) -> bool:
    """Whether a reader may see a question. Who has a role towards it may; of others the filter of the lists decides."""
    if question.state not in HIDDEN and roles_towards(reader.ids, reader.held, question, attempts):
        return True
    query = select(Question.id).where(Question.id == question.id, visible(reader))
    return (await session.exec(query)).first() is not None


async def may_see(session: AsyncSession, reader: Reader, case: Case) -> bool:
    """Whether a reader may see the case's subject."""
    seen = await sees(session, reader, case.question, case.trajectories)
    return seen and (case.subject is case.question or bool(seen_attempts(reader, case.question, case.concerned)))

"""What a list of questions is narrowed down by."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.catalogue import chosen
from intake.search import searched
from intake.sight import Reader, visible
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.process import QUESTION
from schemas.rules import Role
from schemas.subjects import Question, Trajectory

Condition = ColumnElement[bool]


async def conditions(
    session: AsyncSession, reader: Reader, states: Sequence[str], city: str, institution: str, text: str
) -> list[Condition]:
    """What the reader may see, narrowed down. Raises FaultyNeeds with every fault."""
    faults = [] if set(states) <= QUESTION.states.keys() else [Fault("state", "not_a_choice")]
    faults += [] if storable(text) else [Fault("text", "not_accepted")]
    found = [visible(reader)]
    for field, given in (("city", city), ("institution", institution)):
        try:
            if given:
                organisation = await chosen(session, field, given)
                found.append(
                    _at(reader, organisation) if field == "institution" else col(Question.city_id) == organisation
                )
        except FaultyNeeds as error:
            faults += error.faults
    if faults:
        raise FaultyNeeds(faults)
    found += [col(Question.state).in_(states)] if states else []
    return found + searched(text)


def _at(reader: Reader, institution: str) -> Condition:
    # Whoever may not see a trajectory must not learn from this filter that it is there.
    attempts = select(Trajectory.question_id).where(Trajectory.institution_id == institution)
    if not reader.sees_all:
        people = reader.ids
        own = select(Question.id).where(
            or_(*(col(one).in_(people) for one in (Question.submitter_id, Question.owner_id, Question.deputy_id)))
        )
        attempts = attempts.where(
            or_(
                col(Trajectory.lecturer_id).in_(people),
                col(Trajectory.student_contact_id).in_(people),
                col(Trajectory.institution_id).in_(reader.organisations(Role.BROKER)),
                col(Trajectory.question_id).in_(own),
            )
        )
    return col(Question.id).in_(attempts)

"""What a list is narrowed down by; the same for the desk and the API."""

from sqlalchemy import ColumnElement, and_, or_, union
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.wish import Wish
from intake.search import searched
from intake.sight import Reader, of_own, through
from schemas.parties import Person
from schemas.subjects import Question, Trajectory

Condition = ColumnElement[bool]
NAMESAKES = 200


async def narrowing(session: AsyncSession, reader: Reader, wish: Wish) -> list[Condition]:
    """Every condition that a wish adds to its view."""
    found = searched(wish.text, reader, session)
    for column, value in (
        (Question.city_id, wish.city),
        (Question.state, wish.state),
        (Question.challenge, wish.challenge),
    ):
        found += [col(column) == value] if value else []
    found += [with_institution(reader, wish.institution)] if wish.institution else []
    found += [await with_person(session, wish.person)] if wish.person else []
    return found


def with_institution(reader: Reader, institution: str) -> Condition:
    """A trajectory there. Whoever may not see a trajectory must not learn from this that it is there."""
    here = select(Trajectory.id).where(Trajectory.question_id == Question.id, Trajectory.institution_id == institution)
    if not reader.sees_all:
        own = [col(Trajectory.question_id).in_(one) for one in of_own(reader)]
        here = here.where(or_(*own, *through(reader)))
    return here.exists()


async def with_person(session: AsyncSession, text: str) -> Condition:
    """Owner or deputy is somebody whose name or address has these words."""
    words = [or_(col(Person.name).icontains(word, autoescape=True), col(Person.email).icontains(word, autoescape=True))
             for word in text.split()[:8]]  # fmt: skip
    people = list(await session.exec(select(Person.id).where(and_(*words)).order_by(col(Person.id)).limit(NAMESAKES)))
    owned, second = (select(Question.id).where(col(one).in_(people)) for one in (Question.owner_id, Question.deputy_id))
    return col(Question.id).in_(union(owned, second))

"""Reads back what happened: the steps taken and the letters owed, as short words in order."""

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.ledger import Entry, Letter
from schemas.parties import Person
from schemas.subjects import Question


async def steps_of(session: AsyncSession, question: Question) -> list[str]:
    """The steps of a question and its trajectories, in the order in which they were taken."""
    query = select(Entry.step).where(Entry.question_id == question.id).order_by(col(Entry.id))
    return list(await session.exec(query))


async def letters_of(session: AsyncSession, question: Question, after: str | None = None) -> list[str]:
    """`accepted to amira`, in the order in which they are owed; `after`: only those of the last such step."""
    query = (
        select(Letter, Person)
        .join(Person, col(Person.id) == Letter.recipient_id)
        .where(Letter.question_id == question.id)
        .order_by(col(Letter.entry_id), col(Letter.id))
    )
    if after:
        same = select(Entry.id).where(Entry.question_id == question.id, Entry.step == after)
        query = query.where(Letter.entry_id == same.order_by(col(Entry.id).desc()).limit(1).scalar_subquery())
    rows = (await session.exec(query)).all()
    return [f"{letter.name} to {person.email.split('.')[0].split('@')[0]}" for letter, person in rows]

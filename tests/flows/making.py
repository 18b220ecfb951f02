"""Questions, steps and letters to work on, made the way the front door makes them."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import begin_draft, fill
from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.moment import now
from schemas.roles import people_of
from schemas.rules import Role
from schemas.steps import Actor, take_step
from schemas.subjects import Question

FORM = {
    "title": "Hoe krijgen we meer mensen op de fiets?", "situation": "Er zijn te veel auto's.", "wanted": "Een plan.",
    "use": "We voeren het uit.", "submitter_name": "Amira Bakker", "submitter_email": "amira@example.org",
    "city": "enschede", "department": "Mobiliteit", "owner_is_me": "yes", "deputy_name": "Bo Visser",
    "deputy_email": "bo@example.org", "manager_agrees": "yes", "challenge": "unknown", "time_available": "few_meetings",
    "confidential": "no", "language": "nl",
}  # fmt: skip


async def submit(session: AsyncSession, n: int = 0) -> Question:
    """A submitted question, its entry unfollowed and its letters owed."""
    question = await begin_draft(session, "nl")
    await fill(session, question, FORM | {"submitter_email": f"amira{n}@example.org"})
    await take_step(session, question, "submit", Actor(question.submitter_id))
    return question


async def submitted(engine: AsyncEngine, count: int, first: int = 0) -> list[Question]:
    made = []
    for n in range(first, first + count):
        async with writing(engine) as session:
            made.append(await submit(session, n))
    return made


async def accept(engine: AsyncEngine, question_id: int) -> Entry:
    """The coordinator accepts a question."""
    async with writing(engine) as session:
        question = await session.get_one(Question, question_id)
        coordinator = (await people_of(session, Role.COORDINATOR, question, [], now().date()))[0]
        return await take_step(session, question, "accept", Actor(coordinator.id), {"route": "any"})


async def letters(engine: AsyncEngine) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).order_by(col(Letter.id))))


async def entries(engine: AsyncEngine) -> list[Entry]:
    async with reading(engine) as session:
        return list(await session.exec(select(Entry).order_by(col(Entry.id))))


async def make_due(engine: AsyncEngine, after: int = 0) -> None:
    """The terms of the questions after this one ran out long ago."""
    async with writing(engine) as session:
        await session.exec(
            update(Question)
            .where(col(Question.due_at).is_not(None), col(Question.id) > after)
            .values(due_at=now() - timedelta(days=100))
        )


async def begin_draft_long_ago(engine: AsyncEngine) -> int:
    """A draft that has had its reminder and is to be discarded today."""
    async with writing(engine) as session:
        question = await begin_draft(session, "nl")
        question.due_n, question.since = 1, now() - timedelta(days=91)
        return question.id

"""Asking institutions in tests: an order, their answers, and what became of each offer."""

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.steps import take_step
from schemas.subjects import Question, Trajectory
from tests.cast import Cast

UT, SAXION, ROC = "ut-uif", "saxion-project-week", "roc-hub"


async def ask(session: AsyncSession, cast: Cast, question: Question, *offerings: str, **more: object) -> Entry:
    needs = {"candidates": list(offerings), "order": "in_order"} | more
    return await take_step(session, await session.get_one(Question, question.id), "ask_around", cast.bram, needs)


async def attempts(session: AsyncSession, question: Question) -> list[Trajectory]:
    query = select(Trajectory).where(Trajectory.question_id == question.id).order_by(col(Trajectory.id))
    return list(await session.exec(query))


async def states(engine: AsyncEngine, question: Question) -> dict[str, str]:
    async with reading(engine) as session:
        return {str(one.offering_id): one.state for one in await attempts(session, question)}


async def answer(engine: AsyncEngine, cast: Cast, question: Question, offering: str, step: str) -> None:
    async with writing(engine) as session:
        [one] = [row for row in await attempts(session, question) if row.offering_id == offering]
        needs = {"reason": "Alle groepen zijn al verdeeld."} if step == "decline" else {}
        await take_step(session, one, step, cast.broker(one.institution_id), needs)


async def letters(engine: AsyncEngine, name: str) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).where(Letter.name == name).order_by(col(Letter.id))))

"""What matching makes of the tables: offerings that may fit a question, with what earlier questions taught."""

import asyncio
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.memory import Memory
from matching.offerings import Known, Match, QuestionText, rank
from matching.rows import known_terms, needed_by, offering_text, preferred, question_text
from schemas.parties import Offering
from schemas.subjects import Question


async def matches_for(
    session: AsyncSession, memory: Memory, question: Question, today: date, most: int | None = 5
) -> list[Match]:
    """The offerings that may fit this question: what a coordinator chose, then those within reach, best first."""
    known = Known(await memory.taught(session), await preferred(session, question))
    return await matches_of(session, question_text(question), needed_by(question.form), today, most, known)


async def matches_of(
    session: AsyncSession, question: QuestionText, needed: date | None, today: date, most: int | None, known: Known
) -> list[Match]:
    """As `matches_for`, for a text that is no question yet."""
    offerings = (
        await session.exec(select(Offering).where(col(Offering.offered).is_(True)).order_by(Offering.id))
    ).all()
    terms = await known_terms(session, today)
    # Comparing texts takes tens of milliseconds, in which other requests go on.
    texts = [offering_text(one) for one in offerings]
    return await asyncio.to_thread(rank, question, texts, today, needed, terms, most, known)

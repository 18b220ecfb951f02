"""What matching makes of the tables: offerings that may fit a question, and earlier questions that it resembles."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.offerings import Match, rank
from matching.rows import known_terms, offering_text, question_text
from matching.similar import Earlier, Likeness
from schemas.ledger import Entry
from schemas.parties import Offering
from schemas.subjects import Question

NEWEST = 2000  # how many earlier questions are remembered for comparison


@dataclass
class Memory:
    """The questions read so far; each process keeps its own and reads only what is new."""

    earlier: Earlier = field(default_factory=Earlier)
    last: int = 0  # the last entry of a submission that was read

    async def like(self, session: AsyncSession, question: Question, most: int = 3) -> list[Likeness]:
        """The earlier questions most like this one, best first."""
        query = (
            select(Question, Entry.id)
            .join(Entry, col(Entry.question_id) == Question.id)
            .where(Entry.step == "submit", col(Entry.id) > self.last)
        )
        rows = (await session.exec(query.order_by(col(Entry.id).desc()).limit(NEWEST))).all()
        await asyncio.to_thread(self._learn, rows)
        return await asyncio.to_thread(self.earlier.like, question_text(question), most, question.ref or "")

    def _learn(self, rows: Sequence[tuple[Question, int]]) -> None:
        for row, entry in rows:
            self.earlier.learn(row.ref or "", question_text(row))
            self.last = max(self.last, entry)


async def matches_for(session: AsyncSession, question: Question, today: date, most: int | None = 5) -> list[Match]:
    """The offerings that may fit this question, within reach first, best first."""
    offerings = (await session.exec(select(Offering).where(col(Offering.offered).is_(True)))).all()
    terms = await known_terms(session, today)
    needed = question.form.get("needed_by")
    return await asyncio.to_thread(
        rank, question_text(question), [offering_text(one) for one in offerings], today,
        date.fromisoformat(needed) if needed else None, terms, most,
    )  # fmt: skip

"""Which offerings fit a question, and whether they can still be reached."""

from asyncio import to_thread
from datetime import date

from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.offerings import rank
from matching.rows import known_terms, offering_text, question_text
from schemas.case import Case
from schemas.facts import named
from schemas.parties import Offering


class Reason(BaseModel):
    """Why an offering fits or does not: a code with the words, names or days behind it."""

    code: str
    values: list[str]


class Match(BaseModel):
    """An offering for a question. `edition` is the term to name when placing; `reachable`: still in time."""

    offering: str
    institution: str
    name: str
    score: float
    reasons: list[Reason]
    edition: str | None
    hand_in_by: date | None
    reachable: bool


async def matches(session: AsyncSession, case: Case, language: str) -> list[Match]:
    """All offerings that resemble the question: within reach first, best first."""
    query = select(Offering).where(col(Offering.offered).is_(True)).order_by(Offering.id)
    offerings = {row.id: row for row in await session.exec(query)}
    terms = await known_terms(session, case.today)
    texts = [offering_text(row) for row in offerings.values()]
    wanted = case.question.form.get("needed_by")
    needed_by = date.fromisoformat(wanted) if wanted else None
    # Comparing texts takes tens of milliseconds, in which other requests go on.
    ranked = await to_thread(rank, question_text(case.question), texts, case.today, needed_by, terms, most=None)
    return [
        Match(
            offering=one.offering, institution=one.institution, name=named(offerings[one.offering], language),
            score=one.score, reasons=[Reason(code=code, values=list(values)) for code, values in one.reasons],
            edition=one.edition, hand_in_by=one.hand_in_by, reachable=one.reachable,
        )
        for one in ranked
    ]  # fmt: skip

"""Which offerings fit a question, why, and what can still be reached of them."""

from datetime import date

from pydantic import BaseModel
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.fitting import matches_for
from intake.memory import Memory
from intake.reasons import TAUGHT, reach_in_words, why
from intake.sight import Reader
from schemas.case import Case
from schemas.facts import named
from schemas.parties import Offering, Organisation


class Reason(BaseModel):
    """Why an offering fits or does not: a code with the words, names or days behind it."""

    code: str
    values: list[str]


class Match(BaseModel):
    """An offering for a question. `edition` is the term to name when placing; `reachable`: still in time.

    `why` and `when` say in words why it fits and what can still be reached.
    """

    offering: str
    institution: str
    name: str
    score: float
    reasons: list[Reason]
    edition: str | None
    hand_in_by: date | None
    reachable: bool
    starts_on: date | None
    result_by: date | None
    why: list[str]
    when: str


async def matches(session: AsyncSession, case: Case, memory: Memory, reader: Reader, language: str) -> list[Match]:
    """All offerings that resemble the question: within reach first, best first."""
    names = {row.id: named(row, language) for row in await session.exec(select(Organisation))}
    offerings = await session.exec(select(Offering).where(col(Offering.offered).is_(True)))
    called = {row.id: named(row, language) for row in offerings}
    found = []
    for one in await matches_for(session, memory, case.question, case.today, most=None):
        within = reach_in_words(one.reach, language)
        reasons = [row for row in one.reasons if reader.sees_all or row[0] not in TAUGHT]
        found.append(
            Match(
                offering=one.offering, institution=one.institution, name=called[one.offering], score=one.score,
                reasons=[Reason(code=code, values=list(values)) for code, values in reasons],
                edition=one.edition, hand_in_by=one.hand_in_by, reachable=one.reachable,
                starts_on=within["starts_on"], result_by=within["result_by"],
                why=why(one, language, names, reader.sees_all), when=within["sentence"],
            )
        )  # fmt: skip
    return found

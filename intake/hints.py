"""What helps while somebody writes a question: places within reach, earlier questions, what would make it better."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.fitting import matches_of
from intake.likely import open_rows
from intake.memory import Memory
from intake.reasons import reach_in_words, why
from intake.sight import Reader
from matching.asking import Completeness, Remark, completeness, example_near, remarks
from matching.disciplines import disciplines_of
from matching.ngrams import words
from matching.offerings import Known, Match
from matching.rows import needed_by, question_text
from schemas.case import calendar_of, cooperation_of
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Offering, Organisation
from schemas.subjects import Question

NEAR, FAR, LOOK_AT = 4, 3, 24
LEAST = 2  # telling words before it makes sense to look for places


@dataclass(frozen=True)
class Hints:
    """All of it, in words."""

    places: list[dict[str, Any]] = field(default_factory=list)
    missed: list[dict[str, Any]] = field(default_factory=list)
    similar: list[dict[str, Any]] = field(default_factory=list)
    complete: Completeness = field(default_factory=lambda: Completeness(0, 0, ()))
    remarks: list[Remark] = field(default_factory=list)
    example: str = ""
    enough: bool = False  # whether there are words enough to look for places
    needed_by: str = ""


async def hints_for(
    session: AsyncSession, memory: Memory, question: Question, reader: Reader | None, language: str
) -> Hints:
    """What helps with a question as far as it has been written. Nothing here is kept, and nothing stops anybody."""
    text = question_text(question)
    enough = len(set(words(f"{text.title} {text.body}"))) >= LEAST
    near, far = await _places(session, memory, question, language) if enough else ([], [])
    about = disciplines_of(text.title, text.body) if enough else {}
    return Hints(
        near, far, await open_rows(session, memory, question, reader) if enough else [],
        completeness(question.form, language), remarks(question.form, language), example_near(about, language), enough,
        str(needed_by(question.form) or ""),
    )  # fmt: skip


async def _places(
    session: AsyncSession, memory: Memory, question: Question, language: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    calendar = await calendar_of(session, await cooperation_of(session))
    known = Known(await memory.taught(session))
    needed, today = needed_by(question.form), calendar.local(now())
    found = await matches_of(session, question_text(question), needed, today, None, known)
    best = sorted(found, key=lambda one: (-one.score, one.offering))[:LOOK_AT]
    rows = await place_rows(session, [*_apart(best, True, NEAR), *_apart(best, False, FAR)], language, staff=False)
    return [row for row in rows if row["in_time"]], [row for row in rows if not row["in_time"]]


def _apart(best: list[Match], in_time: bool, most: int) -> list[Match]:
    """The best of one kind, no more than two of an institution: an official should see that there is a choice."""
    kept: list[Match] = []
    for one in best:
        if one.reachable == in_time and sum(other.institution == one.institution for other in kept) < most // 2:
            kept.append(one)
    return kept[:most]


async def place_rows(session: AsyncSession, found: list[Match], language: str, *, staff: bool) -> list[dict[str, Any]]:
    """Offerings with their names, the reasons and what can still be reached, in words."""
    query = select(Offering).where(col(Offering.id).in_([one.offering for one in found]))
    offerings = {row.id: named(row, language) for row in await session.exec(query)}
    houses = {row.id: named(row, language) for row in await session.exec(select(Organisation))}
    return [
        {
            "offering": one.offering, "name": offerings[one.offering], "house": one.institution,
            "institution": houses[one.institution], "score": one.score,
            "why": why(one, language, houses, staff), **reach_in_words(one.reach, language),
        }
        for one in found
    ]  # fmt: skip

"""What the pages show of matching: offerings that may fit with the reasons in words, and questions that look alike."""

from typing import Any

from fastapi import Request
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.fitting import Memory, matches_for
from intake.sight import Reader, visible
from matching.disciplines import vocabulary
from matching.offerings import Match
from schemas.case import Case
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Offering, Organisation
from schemas.subjects import Question, Trajectory
from schemas.words import choice_label


def _memory(request: Request) -> Memory:
    state = request.app.state
    if not hasattr(state, "memory"):
        state.memory = Memory()
    memory: Memory = state.memory
    return memory


async def similar_rows(request: Request, case: Case) -> list[dict[str, Any]]:
    """Earlier questions like this one, with the words they share."""
    found = {one.ref: one for one in await _memory(request).like(case.session, case.question)}
    rows = await case.session.exec(select(Question).where(col(Question.ref).in_(found)))
    titles = {row.ref: row.title for row in rows}
    return [{"ref": ref, "title": titles[ref], "words": one.words[:4]} for ref, one in found.items() if ref in titles]


async def open_rows(
    request: Request, session: AsyncSession, question: Question, reader: Reader | None
) -> list[dict[str, Any]]:
    """Earlier questions like this one that its submitter may read: those with a public result, and their own."""
    likely = await _memory(request).like(session, question, 12)
    public = select(Trajectory.question_id).where(col(Trajectory.published_on) <= now().date())
    seen = or_(visible(reader), col(Question.id).in_(public))
    query = select(Question, Trajectory.ref).outerjoin(
        Trajectory, (col(Trajectory.question_id) == Question.id) & (col(Trajectory.published_on) <= now().date())
    )
    rows = await session.exec(query.where(col(Question.ref).in_([one.ref for one in likely]), seen))
    found = {row.ref: (row, result) for row, result in rows}
    return [
        {
            "title": found[one.ref][0].title, "ref": one.ref,
            "href": f"/results/{found[one.ref][1]}" if found[one.ref][1] else f"/questions/{one.ref}",
        }
        for one in likely if one.ref in found
    ][:3]  # fmt: skip


async def match_rows(case: Case, language: str) -> list[dict[str, Any]]:
    """The offerings that may fit, best first."""
    found = await matches_for(case.session, case.question, case.today)
    return [
        {
            "name": named(await case.session.get_one(Offering, one.offering), language),
            "institution": named(await case.session.get_one(Organisation, one.institution), language),
            "why": ", ".join(_why(one, language)),
            "hand_in_by": one.hand_in_by,
        }
        for one in found
    ]


def _why(match: Match, language: str) -> list[str]:
    said: list[str] = []
    for code, about in match.reasons:
        if code == "words":
            said += about[:4]
        elif code == "discipline":
            said += [str(vocabulary()[name]["nl" if language == "nl" else "en"]) for name in about[:2]]
        elif code == "route":
            said += [choice_label(language, "route", name).lower() for name in about]
    return list(dict.fromkeys(said))

"""Questions that look alike: what each reader may see of them."""

from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.memory import Memory
from intake.sight import Reader, visible
from matching.rows import question_text
from schemas.case import Case
from schemas.moment import now
from schemas.subjects import Question, Trajectory, open_on
from schemas.words import word

LOOK_AT = 60  # of so many it is looked at which a reader may see
RESULTS = ("delivered", "completed")


async def similar_rows(memory: Memory, case: Case, language: str) -> list[dict[str, Any]]:
    """For the desk: earlier questions like this one, the words they share, what became of them."""
    likely = await memory.like(case.session, question_text(case.question), 5, case.question.ref or "")
    rows = await case.session.exec(select(Question).where(col(Question.ref).in_([one.ref for one in likely])))
    found = {row.ref: row for row in rows}
    attempts = await _results(case.session, [row.id for row in found.values()])
    return [
        {
            "ref": one.ref, "title": found[one.ref].title, "words": one.words[:4],
            "state": word(language, f"states.{found[one.ref].state}.label"),
            "open": found[one.ref].state not in case.machine.ends,
            "results": [row.ref for row in attempts if row.question_id == found[one.ref].id],
        }
        for one in likely if one.ref in found
    ]  # fmt: skip


async def _results(session: AsyncSession, questions: list[int]) -> list[Trajectory]:
    query = select(Trajectory).where(col(Trajectory.question_id).in_(questions), col(Trajectory.state).in_(RESULTS))
    return list(await session.exec(query.order_by(col(Trajectory.id))))


async def open_rows(
    session: AsyncSession, memory: Memory, question: Question, reader: Reader | None, most: int = 3
) -> list[dict[str, Any]]:
    """Earlier questions like this one that its writer may read: those with a public result, and their own."""
    likely = await memory.like(session, question_text(question), LOOK_AT, question.ref or "")
    refs = [one.ref for one in likely]
    public = await _public(session, refs, now().date())
    own = select(Question).where(col(Question.ref).in_(refs), visible(reader))
    found = {row.ref: row for row in await session.exec(own)}
    return [
        {
            "title": title, "ref": ref,
            "href": f"/results/{public[ref][1]}" if ref in public else f"/questions/{ref}",
            "state": "" if ref in public else found[ref].state,
        }
        for ref in refs
        for title in [public[ref][0] if ref in public else found[ref].title if ref in found else ""] if title
    ][:most]  # fmt: skip


async def _public(session: AsyncSession, refs: list[str], today: date) -> dict[str, tuple[str, str]]:
    """Of these questions those with a result that everybody may read today: the title, and the result's reference."""
    query = select(Question, Trajectory).join(Trajectory, col(Trajectory.question_id) == Question.id)
    rows = await session.exec(query.where(col(Question.ref).in_(refs), col(Trajectory.published_on) <= today))
    return {
        str(row.ref): (row.title, attempt.ref)
        for row, attempt in rows if (opens := open_on(attempt)) and opens <= today
    }  # fmt: skip

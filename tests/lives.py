"""The example questions brought as far as tests/lives.yaml says, each move at its own moment."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import begin_draft, fill, new_trajectory
from schemas.moment import now
from schemas.parties import Offering, Person
from schemas.steps import Actor, take_step
from schemas.subjects import Question, Subject

HERE = Path(__file__).parent
QUESTIONS = HERE.parent / "cities" / "twente" / "questions.yaml"
LIVES = HERE / "lives.yaml"


def forms() -> dict[str, dict[str, Any]]:
    """The example questions as filled-in forms, by their id."""
    rows = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))["questions"]
    return {row["id"]: {k: str(v) for k, v in row.items() if k != "id"} for row in rows}


async def bring_to_life(session: AsyncSession) -> dict[str, Question]:
    """Every example question in the state where its life has brought it, by its id. The example city must be loaded."""
    known, plan = forms(), yaml.safe_load(LIVES.read_text(encoding="utf-8"))["lives"]
    return {name: await _live(session, known[name], moves) for name, moves in plan.items()}


async def _live(session: AsyncSession, form: Mapping[str, Any], moves: list[Any]) -> Question:
    question = await begin_draft(session, form["language"])
    subject: Subject = question
    for days, who, step, *rest in moves:
        at, needs = now() - timedelta(days=days), dict(rest[0]) if rest else {}
        actor = Actor((await session.exec(select(Person.id).where(Person.email == f"{who}@example.org"))).one())
        if step == "submit":
            question.created_at = at
            await fill(session, question, form, at)
        if step == "offer":
            subject = await new_trajectory(session, question, needs)
        if needs.get("offering") == "artez-any":
            needs["offering"] = await _first_of(session, "artez")
        await take_step(session, subject, step, actor, needs, at)
    return question


async def _first_of(session: AsyncSession, institution: str) -> str:
    query = select(Offering.id).where(Offering.institution_id == institution, col(Offering.offered).is_(True))
    return (await session.exec(query.order_by(Offering.id))).first() or ""

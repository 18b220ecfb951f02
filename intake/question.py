"""The question's page: who acts now, the story, its trajectories and letters, and the steps as buttons."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import select

from intake.access import KnownReader, NotForYou
from intake.fitting import matches_for
from intake.hints import place_rows
from intake.language import language_of
from intake.likely import similar_rows
from intake.memory import memory_of
from intake.pages import page
from intake.routing import advice_in_words
from intake.rows import reference
from intake.sight import Reader, visible
from intake.taking import Door, post_step, show_step, steps_for
from intake.telling import told
from intake.trouble import NotFound
from intake.turns import turn_of
from reports.decided import decisions_of
from schemas.case import Case, open_case
from schemas.database import reading
from schemas.subjects import Question

router = APIRouter()


async def question_id(request: Request, reader: KnownReader, ref: str) -> int:
    """The id behind a reference that this reader may see. Raises NotFound or NotForYou."""
    async with reading(request.app.state.engine) as session:
        found = (await session.exec(select(Question.id).where(Question.ref == reference(ref)))).first()
        if found is None:
            raise NotFound("question", ref)
        if not (await session.exec(select(Question.id).where(Question.id == found, visible(reader)))).first():
            raise NotForYou
        return found


QuestionId = Annotated[int, Depends(question_id)]


@router.get("/questions/{ref}")
async def show(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """Everything about one question that this reader may see."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(Question, subject_id))
        language, base = language_of(request, reader), f"/questions/{case.question.ref}"
        context = await told(case, reader, language)
        helped = context["staff"] and case.question.state in ("screening", "triage", "matching")
        return page(
            request, "question.html", reader, **context, base=base, turn=await turn_of(case, reader, base, language),
            done=request.query_params.get("done"), said=request.query_params.get("said"),
            **(await _help(request, case, reader, language) if helped else {"similar": [], "places": [], "advice": ""}),
            decisions=await decisions_of(session, subject_id, language) if context["staff"] else [],
        )  # fmt: skip


async def _help(request: Request, case: Case, reader: Reader, language: str) -> dict[str, Any]:
    """What helps a coordinator: earlier questions like this one, places that fit, what the rule advises."""
    memory = memory_of(request)
    found = await matches_for(case.session, memory, case.question, case.today)
    steps = await steps_for(case, reader)
    return {
        **{f"can_{name}": name in steps for name in ("offer", "prefer", "merge")},
        "similar": await similar_rows(memory, case, language),
        "places": await place_rows(case.session, found, language, staff=True),
        "advice": "" if case.question.route else advice_in_words(case, language),
    }


@router.get("/questions/{ref}/steps/{step}")
async def step_form(request: Request, reader: KnownReader, ref: str, step: str, subject_id: QuestionId) -> Response:
    """The page of one step."""
    return await show_step(request, Door(reader, Question, subject_id, f"/questions/{reference(ref)}"), step)


@router.post("/questions/{ref}/steps/{step}")
async def step_taken(request: Request, reader: KnownReader, ref: str, step: str, subject_id: QuestionId) -> Response:
    """Take it."""
    return await post_step(request, Door(reader, Question, subject_id, f"/questions/{reference(ref)}"), step)

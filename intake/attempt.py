"""A trajectory's page: what an institution needs to answer an offer, and what a lecturer and an owner agree on."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import select

from intake.access import KnownReader, NotForYou
from intake.language import language_of
from intake.pages import page
from intake.rows import reference
from intake.sight import seen_attempts, visible
from intake.taking import Door, post_step, show_step
from intake.telling import told
from intake.trouble import NotFound
from intake.turns import turn_of
from intake.ways import ways_for
from schemas.case import open_case
from schemas.database import reading
from schemas.facts import given_in_words
from schemas.subjects import Question, Trajectory

router = APIRouter()


async def trajectory_id(request: Request, reader: KnownReader, ref: str) -> int:
    """The id behind a trajectory's reference that this reader may see. Raises NotFound or NotForYou."""
    async with reading(request.app.state.engine) as session:
        found = (await session.exec(select(Trajectory).where(Trajectory.ref == reference(ref)))).first()
        if found is None:
            raise NotFound("trajectory", ref)
        seen = select(Question).where(Question.id == found.question_id, visible(reader))
        question = (await session.exec(seen)).first()
        if question is None or not seen_attempts(reader, question, [found]):
            raise NotForYou
        return found.id


TrajectoryId = Annotated[int, Depends(trajectory_id)]


@router.get("/trajectories/{ref}")
async def show(request: Request, reader: KnownReader, ref: str, subject_id: TrajectoryId) -> Response:
    """One trajectory with the question it is to answer."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        attempt = await session.get_one(Trajectory, subject_id)
        case = await open_case(session, attempt)
        context, base = await told(case, reader, language, only=attempt), f"/trajectories/{attempt.ref}"
        return page(
            request, "trajectory.html", reader, **context, base=base,
            turn=await turn_of(case, reader, base, language), done=request.query_params.get("done"),
            said=request.query_params.get("said"),
            row=context["attempts"][0],
            agreement=list((await given_in_words(case, attempt.agreement, language)).values()),
            result=list((await given_in_words(case, attempt.result, language)).values()),
            ways=await ways_for(case, reader, base, language),
        )  # fmt: skip


@router.get("/trajectories/{ref}/steps/{step}")
async def step_form(request: Request, reader: KnownReader, ref: str, step: str, subject_id: TrajectoryId) -> Response:
    """The page of one step."""
    return await show_step(request, Door(reader, Trajectory, subject_id, f"/trajectories/{reference(ref)}"), step)


@router.post("/trajectories/{ref}/steps/{step}")
async def step_taken(request: Request, reader: KnownReader, ref: str, step: str, subject_id: TrajectoryId) -> Response:
    """Take it."""
    return await post_step(request, Door(reader, Trajectory, subject_id, f"/trajectories/{reference(ref)}"), step)

"""Trajectories: reading one, and taking steps."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse

from intake.api import door, ledger, shapes, showing
from intake.api.answers import made, refusals
from intake.api.clock import Clock, clock_of
from intake.api.door import ApiReader, Language, Ref
from intake.api.lists import Whole
from intake.api.once import DoOnce
from intake.api.stepping import post, step_in
from schemas.case import open_case
from schemas.database import reading

router = APIRouter(prefix="/trajectories", tags=["trajectories"], responses=refusals(401, 403, 404))


@router.get("/{ref}")
async def show(request: Request, reader: ApiReader, language: Language, ref: Ref) -> shapes.Trajectory:
    """One trajectory, with the steps that this reader may take now."""
    async with reading(request.app.state.engine) as session:
        attempt = await door.trajectory_of(session, reader, ref)
        return await showing.trajectory_of(session, reader, attempt, language)


@router.get("/{ref}/entries", responses=refusals(400))
async def entries(
    request: Request, reader: ApiReader, language: Language, ref: Ref, part: Whole
) -> shapes.Page[ledger.Entry]:
    """The ledger of this trajectory, oldest first."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await door.trajectory_of(session, reader, ref))
        return part.cut(await ledger.entries(case, reader))


@router.get("/{ref}/clock")
async def clock(request: Request, reader: ApiReader, language: Language, ref: Ref) -> Clock:
    """The clock: every term of the present state, and day by day which days counted and why."""
    async with reading(request.app.state.engine) as session:
        return clock_of(await open_case(session, await door.trajectory_of(session, reader, ref)), language)


@router.post(
    "/{ref}/steps",
    status_code=201,
    response_model=ledger.Taken,
    responses=refusals(400, 409),
    openapi_extra=made("Step"),
)
async def take(once: DoOnce, ref: Ref, body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Take a step: one of those that `steps` of the trajectory names."""
    step, needs = step_in(body)
    return await post(
        once, door.trajectory_of, ref, step, needs, lambda done: (done, f"/api/v1/trajectories/{done.ref}/entries")
    )

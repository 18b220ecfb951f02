"""The API: everything a page can do, for programs. `router` is mounted at /api/v1; `problems.install` comes with it."""

from fastapi import APIRouter, Depends, Response

from intake.api import (
    catalogue,
    choices,
    desk,
    files,
    hints,
    mail,
    meetings,
    notes,
    process,
    questions,
    supply,
    trajectories,
)
from intake.api.description import describe
from intake.api.problems import HEADERS


async def marked(response: Response) -> None:
    """Every answer says which version it is of."""
    response.headers.update(HEADERS)


router = APIRouter(dependencies=[Depends(marked)])
for room in (questions, trajectories, notes, files, desk, mail, choices, meetings, catalogue, supply, process, hints):
    router.include_router(room.router)
describe(router)

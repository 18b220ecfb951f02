"""The API: everything a page can do, for programs. `router` is mounted at /api/v1; `problems.install` comes with it."""

from fastapi import APIRouter, Depends, Response

from intake.api import (
    board,
    catalogue,
    choices,
    desk,
    files,
    hints,
    incidents,
    mail,
    meetings,
    notes,
    process,
    questions,
    received,
    supply,
    texts,
    trajectories,
)  # fmt: skip
from intake.api.description import describe
from intake.api.problems import HEADERS


async def marked(response: Response) -> None:
    """Every answer says which version it is of."""
    response.headers.update(HEADERS)


router = APIRouter(dependencies=[Depends(marked)])
ROOMS = (
    questions, trajectories, notes, files, desk, mail, choices, received, incidents, texts, meetings, board, catalogue,
    supply, process, hints,
)  # fmt: skip
for room in ROOMS:
    router.include_router(room.router)
describe(router)

"""The offering board: open questions against coming terms, and asking institutions to take one on."""

from fastapi import APIRouter

from intake.board import offers, overview

router = APIRouter()
for room in (overview, offers):
    router.include_router(room.router)

"""An institution's own pages: its offers and trajectories, its catalogue, its editions, import and export."""

from fastapi import APIRouter

from intake.institution import catalogue, changing, copying, edition, editions, files, history, overview

router = APIRouter()
for room in (overview, files, copying, editions, edition, history, changing, catalogue):
    router.include_router(room.router)

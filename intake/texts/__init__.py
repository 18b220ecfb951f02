"""The texts of letters at the desk: read, changed, tried, put live, brought back. For coordinators and admins."""

from fastapi import APIRouter

from intake.texts import editing, looking, overview, versions

router = APIRouter()
for room in (overview, editing, looking, versions):
    router.include_router(room.router)

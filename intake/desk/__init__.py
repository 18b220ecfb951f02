"""The desk: what needs its reader, the views of all that they may see, and steps on many questions at once."""

from fastapi import APIRouter

from intake.desk import bulk_pages, front, saved, shortcuts

router = APIRouter()
for room in (front, saved, bulk_pages, shortcuts):
    router.include_router(room.router)

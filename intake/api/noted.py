"""Notes as the API tells them."""

from datetime import datetime

from pydantic import BaseModel, Field

from intake.api import shapes
from intake.api.showing import people_by_id
from schemas.case import Case
from schemas.notes import Told


class Added(BaseModel):
    """A correction of later than a quarter of an hour: it stands below the note."""

    text: str
    at: datetime


class Note(BaseModel):
    """A note as it reads now. A removed one has no words any more."""

    id: int
    ref: str = Field(description="The question or trajectory that it is on.")
    audience: str
    author: str
    in_place_of: str | None
    role: str
    text: str
    mentions: list[shapes.Person]
    at: datetime
    corrected_at: datetime | None
    corrections: list[Added]
    removed_at: datetime | None
    removed_by: str | None


async def note_shapes(case: Case, rows: list[Told]) -> list[Note]:
    """Notes as answers."""
    ids = {one for told in rows for one in (told.note.actor_id, told.note.for_id, *told.mentions)}
    people = await people_by_id(case.session, ids | {told.removed.actor_id for told in rows if told.removed})
    refs = {None: case.question.ref or ""} | {one.id: one.ref for one in case.trajectories}

    def name(person_id: int | None) -> str | None:
        return people[person_id].name if person_id else None

    return [
        Note(
            **told.note.model_dump(include={"id", "audience", "role", "at"}), ref=refs[told.note.trajectory_id],
            author=name(told.note.actor_id) or "", in_place_of=name(told.note.for_id), text=told.text,
            mentions=[shapes.Person(name=people[one].name, email=people[one].email) for one in sorted(told.mentions)],
            corrected_at=told.corrected_at, corrections=[Added(text=row.text, at=row.at) for row in told.added],
            removed_at=told.removed.at if told.removed else None,
            removed_by=name(told.removed.actor_id) if told.removed else None,
        )
        for told in rows
    ]  # fmt: skip

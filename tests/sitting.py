"""A meeting of the committee, planned and with everybody present unless a test says otherwise."""

from datetime import timedelta
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.meetings import Meeting
from schemas.moment import now
from schemas.planning import plan
from tests.cast import Cast, Somebody, day

PLAN = {"begins": "14:00", "ends": "15:30", "place": "Stadhuis, kamer 2.12"}


async def sitting(session: AsyncSession, cast: Cast, *present: Somebody, **changes: Any) -> Meeting:
    """Begun a moment ago."""
    meeting = await plan(session, PLAN | {"day": day(30)} | changes, cast.bram.id, now())
    meeting.begins_at, meeting.ends_at = now() - timedelta(minutes=1), now() + timedelta(hours=1)
    meeting.present = [one.id for one in present or cast.committee]
    await session.flush()
    return meeting


def ballots(vote: str, *members: Somebody, **notes: str) -> dict[str, dict[str, str]]:
    """The same vote of several; a note by first name."""
    return {str(one.id): {"vote": vote, "reason": notes.get(one.name.split()[0].lower(), "")} for one in members}

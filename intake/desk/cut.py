"""Whether a list is all there is: a reason about trajectories looks at the first thousand of them."""

from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.views import VIEWS, sides
from intake.desk.walking import merged
from intake.sight import Reader


async def is_cut(session: AsyncSession, view: str, reader: Reader, today: date) -> bool:
    """Whether a reason to be in this view holds for more trajectories than were looked at."""
    ends = [
        part.beyond(*own)
        for reason in VIEWS[view]
        if reason.attempt is not None
        for own in sides(reason, reader)
        for part in reason.attempt(today)
    ]
    if not ends:
        return False
    return (await session.exec(merged(ends, distinct=False).select().limit(1))).first() is not None

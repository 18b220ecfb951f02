"""The organisations, offerings and periods, as every process keeps them: to read, not to change."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.kept import kept, loose
from schemas.parties import Offering, Organisation, Period


async def houses(session: AsyncSession) -> Mapping[str, Organisation]:
    """All organisations by id."""
    return await _all(session, Organisation)


async def courses(session: AsyncSession) -> Mapping[str, Offering]:
    """All offerings by id, those that are not offered any more too."""
    return await _all(session, Offering)


async def periods(session: AsyncSession) -> Mapping[str, Period]:
    """All periods of all institutions by id."""
    return await _all(session, Period)


async def _all(session: AsyncSession, table: Any) -> Mapping[str, Any]:
    async def look() -> Mapping[str, Any]:
        return {row.id: loose(row) for row in await session.exec(select(table).order_by(table.id))}

    return await kept(session, table.__name__, look)

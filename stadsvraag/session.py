"""An engine for the length of one command."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.database import open_engine, writing
from schemas.parties import Person
from schemas.settings import settings
from stadsvraag.prepare import new_token

T = TypeVar("T")


async def engine(what: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Open the database of the settings, do something with it, close it."""
    found = open_engine(settings().database_url)
    try:
        return await what(found)
    finally:
        await found.dispose()


async def token_for(found: AsyncEngine, email: str) -> str | None:
    """A new token for the person with this address, or None."""
    async with writing(found) as session:
        person = (await session.exec(select(Person).where(Person.email == email.strip().lower()))).first()
        return await new_token(session, person) if person else None

"""Who is at the door: a session cookie or a bearer token becomes a Reader; nobody is a possible answer."""

import secrets
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from sqlalchemy import String, bindparam
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.sight import Reader
from schemas.absence import places_of
from schemas.access import ApiToken, Session, digest
from schemas.database import reading, writing
from schemas.kept import MARK, lay_out
from schemas.moment import now
from schemas.parties import Person
from schemas.roles import memberships
from schemas.settings import settings

COOKIE = "stadsvraag"
_NOW: Any = Session.expires_at
DIGEST: Any = bindparam("digest", type_=String)


def _behind(table: Any) -> Any:
    query = select(Person, MARK.scalar_subquery()).join(table, col(table.person_id) == Person.id)
    return query.where(table.digest == DIGEST)


BY_TOKEN = _behind(ApiToken)
BY_COOKIE = _behind(Session).where(Session.expires_at > bindparam("now", type_=_NOW.type))


class SignInNeeded(Exception):  # noqa: N818
    """This page is for people who are signed in; the handler leads them there and back."""


class NotForYou(Exception):  # noqa: N818
    """The reader is known, and may not see this."""


async def reader_of(session: AsyncSession, person_id: int) -> Reader | None:
    """The reader for a person, with the roles of today, of those they stand in for too; None who has left."""
    person = await session.get(Person, person_id)
    today = now().date()
    if person is None or person.has_left(today):
        return None
    places = tuple(await places_of(session, person_id, today))
    held = [one for holder in (person_id, *places) for one in await memberships(session, holder, today)]
    return Reader(person, tuple(held), places)


async def find_reader(request: Request) -> Reader | None:
    """The reader behind a request; kept for its duration."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    bearer = token.strip() if kind.lower() == "bearer" else ""
    cookie = request.cookies.get(COOKIE, "")
    if not bearer and not cookie:
        return None
    async with reading(request.app.state.engine) as session:
        known = {"digest": digest(bearer or cookie), "now": now()}
        found = (await session.exec(BY_TOKEN if bearer else BY_COOKIE, params=known)).first()
        if not found:
            return None
        person, mark = found
        lay_out(session, mark)
        return await reader_of(session, person.id)


async def known_reader(reader: Annotated[Reader | None, Depends(find_reader)]) -> Reader:
    """The reader, or the way to the sign-in page."""
    if reader is None:
        raise SignInNeeded
    return reader


MaybeReader = Annotated[Reader | None, Depends(find_reader)]
KnownReader = Annotated[Reader, Depends(known_reader)]


async def sign_in(request: Request, response: Response, person_id: int, session: AsyncSession) -> None:
    """Begin a session for this person and hand its secret to the browser."""
    secret = secrets.token_urlsafe(32)
    lasts = timedelta(days=settings().session_days)
    session.add(Session(digest=digest(secret), person_id=person_id, expires_at=now() + lasts))
    response.set_cookie(
        COOKIE, secret, max_age=int(lasts.total_seconds()), httponly=True, samesite="lax",
        secure=settings().base_url.startswith("https"),
    )  # fmt: skip


async def sign_out(request: Request, response: Response) -> None:
    """End the session here and in the database."""
    async with writing(request.app.state.engine) as session:
        await session.exec(delete(Session).where(Session.digest == digest(request.cookies.get(COOKIE, ""))))  # type: ignore[arg-type]
    response.delete_cookie(COOKIE)

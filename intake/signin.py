"""Signing in by a mailed link: one use, expiring; opening it changes nothing, the button does."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import MaybeReader, sign_in, sign_out
from intake.back import local
from intake.pages import page
from schemas.access import SignInLink
from schemas.case import cooperation_of
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letters import new_message_id
from schemas.links import read_sign_in_token
from schemas.moment import now
from schemas.parties import Person
from schemas.settings import settings

router = APIRouter()
STORAGE = MemoryStorage()
LIMITER = MovingWindowRateLimiter(STORAGE)
PER_ADDRESS, PER_VISITOR = parse("5 per 10 minutes"), parse("30 per 10 minutes")


def safe(path: str) -> str:
    """A path on this site, or the desk."""
    return local(path) or "/desk"


@router.get("/sign-in")
async def sign_in_page(request: Request, reader: MaybeReader, next: str = "/desk") -> Response:  # noqa: A002
    """Ask for the address."""
    if reader:
        return RedirectResponse(safe(next), 303)
    return page(request, "signin/ask.html", None, next=safe(next), email="", faults=[])


@router.post("/sign-in")
async def ask_for_link(
    request: Request, email: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/desk"  # noqa: A002
) -> Response:  # fmt: skip
    """Mail a link, if the address is known; the answer is the same either way."""
    email = email.strip().lower()
    visitor = request.client.host if request.client else "?"
    if "@" not in email or len(email) > 254:
        return page(request, "signin/ask.html", None, status=400, next=safe(next), email=email,
                    faults=[{"href": "#email", "text": "not_an_email"}])  # fmt: skip
    if await LIMITER.hit(PER_ADDRESS, "address", email) and await LIMITER.hit(PER_VISITOR, "visitor", visitor):
        async with writing(request.app.state.engine) as session:
            await _owe_link(session, email, safe(next))
    return RedirectResponse("/sign-in/sent?" + urlencode({"email": email}), 303)


async def _owe_link(session: AsyncSession, email: str, onward: str) -> None:
    person = (await session.exec(select(Person).where(Person.email == email))).first()
    if person is None or person.has_left(now().date()):
        return
    expires = now() + timedelta(minutes=settings().sign_in_minutes)
    link = SignInLink(person_id=person.id, next=onward, expires_at=expires)
    session.add(link)
    await session.flush()
    cooperation = await cooperation_of(session)
    facts = {
        "recipient": person.name,
        "cooperation": getattr(cooperation, f"name_{person.language}", cooperation.name_nl),
        "sign_in_link_id": link.id,
        "minutes": settings().sign_in_minutes,
    }
    session.add(
        Letter(name="sign-in", recipient_id=person.id, email=person.email, language=person.language, facts=facts,
               message_id=new_message_id(), expires_at=expires)
    )  # fmt: skip


@router.get("/sign-in/sent")
async def link_sent(request: Request, email: str = "") -> Response:
    """Look in your mail."""
    return page(request, "signin/sent.html", None, email=email[:254], minutes=settings().sign_in_minutes)


@router.get("/sign-in/{token}")
async def open_sign_in(request: Request, reader: MaybeReader, token: str) -> Response:
    """One button. A mail scanner that opens this changes nothing."""
    async with reading(request.app.state.engine) as session:
        link = await _usable(session, token)
        person = await session.get(Person, link.person_id) if link else None
    if link is None or person is None:
        return page(request, "signin/expired.html", reader, status=410)
    return page(request, "signin/open.html", None, token=token, name=person.name)


async def _usable(session: AsyncSession, token: str) -> SignInLink | None:
    link_id = read_sign_in_token(token)
    link = await session.get(SignInLink, link_id) if link_id else None
    return link if link and link.used_at is None and link.expires_at > now() else None


@router.post("/sign-in/{token}")
async def consume(request: Request, reader: MaybeReader, token: str) -> Response:
    """Use the link up and begin a session."""
    async with writing(request.app.state.engine) as session:
        link = await _usable(session, token)
        stamp = update(SignInLink).where(
            col(SignInLink.id) == (link.id if link else 0), col(SignInLink.used_at).is_(None)
        )
        if link is None or not (await session.exec(stamp.values(used_at=now()))).rowcount:
            return page(request, "signin/expired.html", reader, status=410)
        response = RedirectResponse(safe(link.next), 303)
        await sign_in(request, response, link.person_id, session)
    return response


@router.post("/sign-out")
async def leave(request: Request) -> Response:
    """End the session."""
    response = RedirectResponse("/", 303)
    await sign_out(request, response)
    return response

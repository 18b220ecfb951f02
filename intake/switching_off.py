"""One click that ends letters of a kind, from a mail program or a page (RFC 8058): GET shows, POST does it.

It works without signing in: the token names its person and the kinds, and gives no other right.
"""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from intake.choices_of_mail import holder_of
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.database import writing
from schemas.kinds import OPTIONAL, Kind
from schemas.links import mail_token, read_off_token
from schemas.mail_chosen import switch_off, switch_on
from schemas.parties import Person
from schemas.words import word

router = APIRouter()


class Off(NamedTuple):
    """Who may switch what off."""

    person: Person
    kinds: list[Kind]
    token: str


async def asked(request: Request, token: str) -> Off:
    """What a link stands for. Raises NotFound for one that we did not make."""
    found = read_off_token(token)
    kinds = [kind for kind in OPTIONAL if found and kind in found[2]]
    person = await holder_of(request, (found[0], found[1]) if found else None)
    if not kinds:
        raise NotFound("link")
    return Off(person, kinds, token)


Asked = Annotated[Off, Depends(asked)]


@router.get("/u/{token}")
async def look(request: Request, off: Asked) -> Response:
    """What would end, and a button; mail scanners press links, and change nothing by it."""
    return _page(request, off, "ask")


@router.post("/u/{token}")
async def end(request: Request, off: Asked) -> Response:
    """Switch it off. No redirect: a mail program does not follow one."""
    async with writing(request.app.state.engine) as session:
        await switch_off(session, off.person.id, off.kinds)
    return _page(request, off, "off")


@router.post("/u/{token}/undo")
async def undo(request: Request, off: Asked) -> Response:
    """Again, as it was before."""
    async with writing(request.app.state.engine) as session:
        await switch_on(session, off.person.id, off.kinds)
    return _page(request, off, "on")


def _page(request: Request, off: Off, now: str) -> Response:
    guest = Reader(off.person, ())
    language = language_of(request, guest)
    return page(
        request, "choices/off.html", None, guest=guest, now=now, token=off.token,
        kinds=[{name: word(language, f"mail.kinds.{kind}.{name}") for name in ("label", "hint")} for kind in off.kinds],
        choose=f"/m/{mail_token(off.person.id, off.person.email)}",
    )  # fmt: skip

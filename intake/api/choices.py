"""How one's own mail comes: reading the choices and making them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language
from intake.api.faults import not_asked
from intake.api.once import DoOnce, Made
from intake.choosing import QUIET_FIELDS, choices_of, chosen_by
from schemas.database import reading
from schemas.kinds import OPTIONAL, How
from schemas.mail_chosen import wish
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.parties import Person
from schemas.wishes import QUIET, read_wishes
from schemas.words import word

router = APIRouter(prefix="/me/mail", tags=["mail"], responses=refusals(401))
HOUR = {"type": "string", "pattern": "^([01]?[0-9]|2[0-3])[:.][0-5][0-9]$"}
WISHES = {
    "title": "MailWishes", "type": "object", "additionalProperties": False,
    "properties": {
        **{kind.value: {"enum": choices_of(kind)} for kind in OPTIONAL},
        "quiet": {"enum": list(QUIET)}, "quiet_from": HOUR, "quiet_until": HOUR, "closed_days": {"type": "boolean"},
    },
}  # fmt: skip


class KindOfMail(BaseModel):
    """Letters of one kind: how they come now, and how they may."""

    kind: str
    label: str
    how: How
    may: list[How]


class Mail(BaseModel):
    """How somebody's mail comes. The three hours are their own; they hold where `quiet` says `own`."""

    kinds: list[KindOfMail]
    quiet: Literal["city", "own", "none"] = Field(description="Whose quiet hours hold.")
    quiet_from: str | None = None
    quiet_until: str | None = None
    closed_days: bool = False


async def _mail(session: AsyncSession, person: Person, language: str) -> Mail:
    chosen = await chosen_by(session, person, now().date())
    kinds = [
        KindOfMail(kind=kind, label=word(language, f"mail.kinds.{kind}.label"), how=How(how),
                   may=[How(one) for one in choices_of(kind)])
        for kind, how in chosen.kinds.items()
    ]  # fmt: skip
    return Mail(kinds=kinds, quiet=chosen.quiet, **chosen.hours)


@router.get("")
async def show(request: Request, reader: ApiReader, language: Language) -> Mail:
    """One's own choices, every kind with what it may be. `asks` always comes at once."""
    async with reading(request.app.state.engine) as session:
        return await _mail(session, reader.person, language)


@router.post("", status_code=201, response_model=Mail, responses=refusals(400, 409), openapi_extra=made(WISHES))
async def choose(once: DoOnce, body: Annotated[dict[str, Any], Body()]) -> JSONResponse:
    """Choose; what is not named stays as it is. Without `quiet` the quiet hours stay too."""
    if faults := not_asked(sorted(body), {*OPTIONAL, "quiet", *QUIET_FIELDS}):
        raise FaultyNeeds(faults)

    async def work(session: AsyncSession) -> Made:
        before = await chosen_by(session, await session.get_one(Person, once.reader.person.id), now().date())
        hours = {} if "quiet" in body else {"quiet": before.quiet, **before.hours}
        person = await wish(session, once.reader.person.id, read_wishes({**hours, **body}), once.reader.person.id)
        await session.flush()
        return await _mail(session, person, once.language), "/api/v1/me/mail"

    return await once.do(work)

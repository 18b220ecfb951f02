"""The mail: how letters fare, the list of them, and what those who see to it may do about one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.api import ledger, shapes
from intake.api.actions import action_asked, action_body
from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language
from intake.api.lists import Parts
from intake.api.once import DoOnce, Made
from intake.api.problems import Refused, no_such
from intake.mail_care import MODELS, act, cares, shown_state
from intake.mail_figures import Share
from intake.mail_list import listed
from schemas.database import reading
from schemas.ledger import Letter
from schemas.mail import TooLate
from schemas.parties import Person
from schemas.subjects import Trajectory
from schemas.words import word

router = APIRouter(tags=["mail"], responses=refusals(401))
Given = Annotated[dict[str, Any], Body()]
Number = Annotated[int, Path(description="The `id` of a letter.")]
Shown = Literal[
    "all", "troubled", "refused", "bounced", "uncertain", "deferred", "owed", "sending", "sent", "kept", "gathered",
    "withheld",
]  # fmt: skip
ACTION = action_body("LetterAction", MODELS, "letter", "`email` for address, `reason` for withhold; else nothing.")


class Taken(BaseModel):
    """Of the letters that were tried, those that the other side took."""

    domain: str | None
    sent: int
    tried: int


class Health(BaseModel):
    """How letters fare. `domains`: of the last seven days, those with the most trouble first.

    Where counting takes long the figures are some seconds old: `counted_at` tells.
    """

    counted_at: datetime
    counts: dict[str, int]
    oldest_owed: datetime | None
    last_day: Taken
    last_week: Taken
    domains: list[Taken]


@router.get("/mail", responses=refusals(400, 403))
async def letters(
    request: Request, reader: ApiReader, language: Language, part: Parts, state: Shown = "all",
    domain: Annotated[str, Query(max_length=200, description="What stands behind the @.")] = "",
    text: Annotated[str, Query(max_length=200, description="Part of an e-mail address.")] = "",
) -> shapes.Page[ledger.Letter]:  # fmt: skip
    """All letters, the latest first; `deferred` are those owed that a mail server has put off."""
    if not cares(reader):
        raise NotForYou
    where = listed(state, domain.replace("\x00", ""), text.replace("\x00", ""))
    query = select(Letter, Person.name).join(Person, col(Person.id) == Letter.recipient_id).where(*where)
    async with reading(request.app.state.engine) as session:
        total = (await session.exec(select(func.count()).select_from(Letter).where(*where))).one()
        rows = await session.exec(query.order_by(col(Letter.id).desc()).limit(part.size).offset(part.offset))
        return part.of(await _shapes(session, [(letter, name) for letter, name in rows]), total)


async def _shapes(session: AsyncSession, rows: list[tuple[Letter, str]]) -> list[ledger.Letter]:
    ids = {letter.trajectory_id for letter, _ in rows if letter.trajectory_id}
    refs = select(Trajectory.id, Trajectory.ref).where(col(Trajectory.id).in_(ids))
    return await ledger.letter_shapes(session, rows, dict((await session.exec(refs)).all()))


@router.get("/mail/health", responses=refusals(403))
async def health(request: Request, reader: ApiReader, language: Language) -> Health:
    """Letters by state, the oldest that waits, and the share that was taken: in a day, in a week, by domain."""
    if not cares(reader):
        raise NotForYou
    found = await request.app.state.mail_figures.read(request.app.state.engine)
    return Health(
        counted_at=found.at, counts=found.counts, oldest_owed=found.oldest_owed, last_day=_taken(None, found.last_day),
        last_week=_taken(None, found.last_week), domains=[_taken(name, share) for name, share in found.domains],
    )  # fmt: skip


def _taken(domain: str | None, share: Share) -> Taken:
    return Taken(domain=domain, sent=share.sent, tried=share.tried)


@router.post(
    "/letters/{number}/actions", status_code=201, response_model=ledger.Letter, responses=refusals(400, 403, 404, 409),
    openapi_extra=made(ACTION),
)  # fmt: skip
async def do(once: DoOnce, number: Number, body: Given) -> JSONResponse:
    """Send a letter again, correct its address, withhold it, or say that it has arrived."""
    action, needs = action_asked(body, MODELS)

    async def work(session: AsyncSession) -> Made:
        letter = await act(session, once.reader, number, action, needs)
        if letter is None:
            raise no_such(str(number))
        await session.flush()
        person = await session.get_one(Person, letter.recipient_id)
        return (await _shapes(session, [(letter, person.name)]))[0], "/api/v1/mail"

    try:
        return await once.do(work)
    except TooLate:
        raise await _too_late(once.request, number, once.language) from None


async def _too_late(request: Request, number: int, language: str) -> Refused:
    async with reading(request.app.state.engine) as session:
        state = shown_state(await session.get_one(Letter, number))
    return Refused("letter-moved-on", 409, state=state, state_label=word(language, f"letters.{state}"))

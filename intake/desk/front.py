"""The desk: what needs this reader on top, with why and by when; below it all they may see, in views."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.back import onward
from intake.changes import late_rules
from intake.choices import form_options, institutions
from intake.desk.listing import back_to, part_of, rows_of
from intake.desk.saved import views_of
from intake.desk.today import GROUPS, tasks_of
from intake.desk.views import MENDERS, SHOWN, VIEWS, apart, branches
from intake.desk.walking import SORTS, capped, counted
from intake.desk.wish import Wish
from intake.incidents import incidents_for
from intake.language import language_of, local, speaking
from intake.pages import page
from intake.received import counts
from intake.sight import Reader
from intake.tasks import STEPS
from intake.telling import STAFF
from schemas.case import cooperation_of
from schemas.database import reading
from schemas.figures import in_states
from schemas.ledger import TROUBLED, Letter
from schemas.moment import now
from schemas.rules import Role
from schemas.words import word

router = APIRouter()
ALWAYS = ("mine", "open", "all")  # the other views are offered when there is something in them


@router.get("/desk")
async def desk(request: Request, reader: KnownReader) -> Response:
    """Tasks, then the list."""
    language, wish = language_of(request, reader), Wish.read(request.query_params)
    async with reading(request.app.state.engine) as session:
        with speaking(language):
            context = await _told(session, reader, wish, local(now()).date(), language)
        return page(
            request, "desk/desk.html", reader, **context, wish=wish, staff=bool(reader.roles & STAFF),
            office=bool(reader.roles - {Role.PUBLIC}),
            back_to=back_to, list_origin=onward(wish.href(place=True)), all_ticked="tick" in request.query_params,
            done=_done(request), troubled=await _troubled(session, reader),
            arrived=await counts(session) if reader.roles & MENDERS else {"loose": 0, "unread": 0},
            incidents=await incidents_for(session, reader), earlier=await late_rules(session, reader),
        )  # fmt: skip


async def _told(session: AsyncSession, reader: Reader, wish: Wish, today: date, language: str) -> dict[str, Any]:
    tasks, cut = await tasks_of(session, reader, language)
    counts = {name: await counted(session, branches(name, reader, today), apart=apart(name, reader)) for name in VIEWS}
    part = await part_of(session, reader, wish, today, counts)
    options = await form_options(session, await cooperation_of(session), language)
    waiting = counts["mine"] if cut else len(tasks)
    return {
        "groups": {name: [one for one in tasks if one.group == name] for name in GROUPS},
        "waiting": waiting, "cut": cut, "late": sum(one.late for one in tasks),
        "counts": {name: capped(count) for name, count in counts.items()}, "waiting_said": capped(waiting),
        "views": [name for name in VIEWS if counts[name] or name in ALWAYS or name == wish.view],
        "part": part, "total": capped(part.total), "saved": await views_of(session, reader), "sorts": list(SORTS),
        "rows": await rows_of(session, reader, wish, part.questions, today, language),
        "states": [(name, word(language, f"states.{name}.label")) for name in SHOWN],
        "cities": options["cities"], "challenges": options["challenges"],
        "institutions": await institutions(session, language),
    }  # fmt: skip


def _done(request: Request) -> dict[str, str] | None:
    step, ref = request.query_params.get("done", ""), request.query_params.get("ref", "")
    return {"step": step, "ref": ref[:40]} if step in STEPS else None


async def _troubled(session: AsyncSession, reader: Reader) -> int:
    """Letters that a coordinator should look at: they did not arrive, or not for certain."""
    if not reader.roles & MENDERS:
        return 0
    query = select(func.count(col(Letter.id))).where(in_states(*TROUBLED))
    return (await session.exec(query)).one()

"""What the clock could not do: shown to those who can have it mended; tried again or put off, one or many at once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from intake.access import KnownReader, NotForYou
from intake.fields import message
from intake.language import language_of, moment, speaking
from intake.language import translate as _
from intake.pages import page
from intake.sight import Reader
from schemas.database import reading, writing
from schemas.incidents import Incident, Postponement, open_incidents, postpone, try_again
from schemas.moment import now
from schemas.needs import Fault
from schemas.parties import Person
from schemas.rules import Role

router = APIRouter()
SHOWN = 100
LONGEST, REASON = 30, 500  # days, characters
MENDERS = {Role.COORDINATOR, Role.ADMIN}


@dataclass
class Wish:
    """What somebody wants done with which incidents; `faults` says what that lacks."""

    what: str = ""
    chosen: list[int] = field(default_factory=list)
    days: str = "1"
    reason: str = ""
    faults: list[Fault] = field(default_factory=list)

    @classmethod
    def of(cls, form: FormData) -> "Wish":
        """As a browser sent it."""
        chosen = [str(one) for one in form.getlist("incident")]
        typed = {name: str(form.get(name, "")).replace("\x00", "").strip() for name in ("days", "reason")}
        numbers = [int(one) for one in chosen if one.isdecimal() and len(one) < 10]
        return cls(str(form.get("which", "all")), numbers, typed["days"], typed["reason"]).checked()

    def checked(self) -> "Wish":
        """The same, with what it lacks."""
        self.faults = [Fault("incident", "not_a_choice")] if self.what != "all" and not self.chosen else []
        if self.what == "later":
            self.faults += [*_days(self.days), *_reason(self.reason)]
        return self


def _days(text: str) -> Iterator[Fault]:
    if not text.isdecimal():
        yield Fault("days", "not_a_number" if text else "missing")
    elif int(text[:9]) < 1:
        yield Fault("days", "too_small", "1")
    elif int(text[:9]) > LONGEST:
        yield Fault("days", "too_large", str(LONGEST))


def _reason(text: str) -> Iterator[Fault]:
    if not text:
        yield Fault("reason", "missing")
    elif len(text) > REASON:
        yield Fault("reason", "too_long", str(REASON))


@router.get("/incidents")
async def show(request: Request, reader: KnownReader) -> Response:
    """The incidents that are open, oldest first, and what was put off before."""
    return await _show(request, reader, Wish())


@router.post("/incidents")
async def mend(request: Request, reader: KnownReader) -> Response:
    """Try all or some again now, or let some wait."""
    _check(reader)
    async with request.form() as form:
        wish = Wish.of(form)
    if wish.faults:
        return await _show(request, reader, wish)
    async with writing(request.app.state.engine) as session:
        if wish.what == "later":
            until = now() + timedelta(days=int(wish.days))
            count = await postpone(session, wish.chosen, until, wish.reason, reader.person.id)
        else:
            count = await try_again(session, wish.chosen if wish.what == "chosen" else None)
    return RedirectResponse(f"/incidents?done={'later' if wish.what == 'later' else 'again'}&count={count}", 303)


async def _show(request: Request, reader: Reader, wish: Wish) -> Response:
    _check(reader)
    language = language_of(request, reader)
    said = {fault.field: message(language, fault) for fault in wish.faults}
    async with reading(request.app.state.engine) as session:
        rows = (await session.exec(select(Incident).order_by(col(Incident.id)).limit(SHOWN))).all()
        query = select(Postponement, Person.name).join(Person, col(Person.id) == Postponement.by_id)
        past = (await session.exec(query.order_by(col(Postponement.id).desc()).limit(SHOWN))).all()
        total = await open_incidents(session)
    with speaking(language):
        choices = [_choice(row, language) for row in rows]
    count = request.query_params.get("count", "0")
    return page(
        request, "incidents.html", reader, status=400 if said else 200, choices=choices, past=past, wish=wish,
        said=said, total=total, shown=SHOWN, longest=LONGEST, reason=REASON, done=request.query_params.get("done"),
        count=int(count) if count.isdecimal() and len(count) < 9 else 0,
        faults=[{"href": f"#{name}", "text": text} for name, text in said.items()],
    )  # fmt: skip


def _choice(row: Incident, language: str) -> dict[str, Any]:
    told = {"cause": row.cause, "count": row.attempts, "first": moment(row.first_at), "next": moment(row.retry_at)}
    hint = _("%(cause)s. Attempts: %(count)s; the first on %(first)s, the next on %(next)s.") % told
    return {"value": str(row.id), "label": row.ref or _("A draft"), "hint": hint}


async def incidents_for(session: AsyncSession, reader: Reader) -> int:
    """How many this reader should know of."""
    return await open_incidents(session) if reader.roles & MENDERS else 0


def _check(reader: Reader) -> None:
    if not reader.roles & MENDERS:
        raise NotForYou

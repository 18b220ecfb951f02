"""Which mail somebody gets and when: for whoever is signed in, and by the link at the foot of every letter."""

from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader
from intake.choosing import choices_of, chosen_by, digest_moment, optional
from intake.fields import message
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.links import mark_of, read_mail_token
from schemas.mail_chosen import wish
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Person
from schemas.wishes import QUIET, read_wishes
from schemas.words import word

router = APIRouter()
Typed = Mapping[str, Any]


async def holder_of(request: Request, found: tuple[int, str] | None) -> Person:
    """Whoever a link was mailed to. Raises NotFound when we did not make it, or the address is another by now."""
    async with reading(request.app.state.engine) as session:
        person = await session.get(Person, found[0]) if found else None
    if person is None or found is None or mark_of(person.email) != found[1] or person.has_left(now().date()):
        raise NotFound("link")
    return person


@router.get("/account/mail")
async def own(request: Request, reader: KnownReader) -> Response:
    """One's own choices."""
    return await _page(request, reader.person, "/account/mail", reader)


@router.post("/account/mail")
async def own_chosen(request: Request, reader: KnownReader) -> Response:
    """Keep them."""
    return await _choose(request, reader.person, "/account/mail", reader)


@router.get("/m/{token}")
async def by_link(request: Request, token: str) -> Response:
    """The same for whoever holds the link from a letter; it opens nothing else."""
    return await _page(request, await holder_of(request, read_mail_token(token)), f"/m/{token}", None)


@router.post("/m/{token}")
async def chosen_by_link(request: Request, token: str) -> Response:
    """Keep them."""
    return await _choose(request, await holder_of(request, read_mail_token(token)), f"/m/{token}", None)


async def _choose(request: Request, person: Person, here: str, reader: Reader | None) -> Response:
    async with request.form() as sent:
        typed = {name: str(value).replace("\x00", "").strip() for name, value in sent.items()}
    try:
        async with writing(request.app.state.engine) as session:
            await wish(session, person.id, read_wishes(typed), person.id)
    except FaultyNeeds as error:
        return await _page(request, person, here, reader, typed, error.faults)
    return RedirectResponse(f"{here}?done=chosen", 303)


async def _page(
    request: Request, person: Person, here: str, reader: Reader | None, typed: Typed | None = None,
    faults: list[Fault] | None = None,
) -> Response:  # fmt: skip
    guest = None if reader else Reader(person, ())
    language = language_of(request, reader or guest)
    async with reading(request.app.state.engine) as session:
        chosen = await chosen_by(session, person, now().date())
    said = {fault.field: message(language, fault) for fault in faults or ()}
    values = {**chosen.as_form(), **(typed or {})}
    if typed is not None:
        values["closed_days"] = typed.get("closed_days", "")
    hour, day = digest_moment(chosen.city)
    return page(
        request, "choices/choose.html", reader, guest=guest, status=400 if faults else 200, who=person, here=here,
        kinds=[_field(kind, language, values, said) for kind in optional(chosen)], quiet=_quiet(language, values, said),
        values=values, said=said, city=chosen.city, hour=hour, weekday=get_day_names("wide", locale=language)[day],
        faults=[{"href": f"#{field}", "text": text} for field, text in said.items()],
        done=request.query_params.get("done"),
    )  # fmt: skip


def _field(kind: Any, language: str, values: Typed, said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": kind.value, "kind": "choice", "required": True, "value": values.get(kind), "error": said.get(kind, ""),
        "label": word(language, f"mail.kinds.{kind}.label"), "hint": word(language, f"mail.kinds.{kind}.hint"),
        "choices": [{"value": how, "label": word(language, f"mail.hows.{how}")} for how in choices_of(kind)],
    }  # fmt: skip


def _quiet(language: str, values: Typed, said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": "quiet", "kind": "choice", "required": True, "value": values.get("quiet"),
        "error": said.get("quiet", ""),
        "label": word(language, "mail.quiet.label"), "hint": word(language, "mail.quiet.hint"),
        "choices": [{"value": one, "label": word(language, f"mail.quiet.{one}")} for one in QUIET],
    }  # fmt: skip

"""Rendering: one Jinja environment, and what every page knows about its reader."""

from collections.abc import Sequence
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from babel import Locale
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from intake import language
from intake.back import onward, origin_of
from intake.sight import Reader
from schemas.process import MACHINES
from schemas.rules import Role
from schemas.settings import settings
from schemas.words import languages, word

BOARD = {Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.EXECUTIVE}  # who may see the offering board
HERE = Path(__file__).parent


@lru_cache
def environment() -> Environment:
    """The templates of this room."""
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    env.install_gettext_callables(  # type: ignore[attr-defined]
        language.translate, language.translate_plural, newstyle=True
    )
    env.globals["w"] = lambda path: word(language.CURRENT.get(), path)
    env.globals["step_label"] = _step_label
    env.filters.update(day=language.day, short_day=language.short_day, moment=language.moment, quote=quote,
                       decimal=language.decimal, share=language.share, size=language.size)  # fmt: skip
    return env


def _step_label(name: str | None) -> str:
    # What stands in an address was perhaps not written by us.
    known = any(name in machine.steps for machine in MACHINES.values())
    return word(language.CURRENT.get(), f"steps.{name}.label") if known else ""


@lru_cache
def asset_version() -> str:
    """Changes when a stylesheet or script does, so that browsers may keep them for long."""
    sheets = sorted(path for kind in ("*.css", "*.js") for path in (HERE / "static").rglob(kind))
    return sha256(b"".join(path.read_bytes() for path in sheets)).hexdigest()[:10]


def page(
    request: Request,
    template: str,
    reader: Reader | None,
    *,
    status: int = 200,
    guest: Reader | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page in the reader's language; `guest` reads it without signing in. `faults` marks its title as in error."""
    chosen = language.language_of(request, reader or guest)
    token = language.CURRENT.set(chosen)
    try:
        text = environment().get_template(template).render(**_frame(request, reader, chosen, guest), **context)
    finally:
        language.CURRENT.reset(token)
    response = HTMLResponse(text, status)
    response.headers["Content-Language"] = chosen
    response.headers["Cache-Control"] = "no-store"
    if request.query_params.get("lang") == chosen:
        response.set_cookie(language.COOKIE, chosen, max_age=365 * 86400, samesite="lax", httponly=True)
    return response


def _frame(request: Request, reader: Reader | None, chosen: str, guest: Reader | None) -> dict[str, Any]:
    cooperation = request.app.state.cooperation
    return {
        "lang": chosen,
        "cooperation": getattr(cooperation, f"name_{chosen}", "") if cooperation else "",
        # Whoever comes from a mail has one thing to do.
        "navigation": [] if guest and not reader else _navigation(request, reader),
        "languages": _languages(request, chosen),
        "person": reader.person if reader else None,
        "demo": settings().demo,
        "asset_version": asset_version(),
        "term": partial(term_in_words, request),
        "origin": origin_of(request),
        "onward": onward(origin_of(request)),
        "sign_in_href": "/sign-in?" + urlencode({"next": request.url.path}),
    }


def term_in_words(request: Request, state: str) -> str:
    """The first term of a state under the city's own rules; empty when it has none."""
    cooperation = request.app.state.cooperation
    own = cooperation.data.get("terms", {}).get(state) if cooperation else None
    due = next(machine.states[state].due for machine in MACHINES.values() if state in machine.states)
    return language.lasting(next(iter(own or [one.at for one in due]), ""))


def _languages(request: Request, chosen: str) -> list[dict[str, object]]:
    return [
        {
            "code": code,
            "label": (Locale.parse(code).get_display_name(code) or code).capitalize(),
            "href": str(request.url.include_query_params(lang=code).replace(scheme="", netloc="")),
            "current": code == chosen,
        }
        for code in languages()
    ]


def _navigation(request: Request, reader: Reader | None) -> Sequence[dict[str, object]]:
    _ = language.translate
    links = [("/ask", _("Submit a question"))]
    if reader:
        links.append(("/desk", _("Desk") if reader.roles - {Role.PUBLIC} else _("My questions")))
    if reader and (reader.roles & {Role.BROKER, Role.LECTURER} or any(one.role == Role.ADMIN for one in reader.own)):
        links.append(("/institution", _("Institution")))
    if reader and reader.roles & {Role.COMMITTEE, Role.CHAIR, Role.COORDINATOR, Role.EXECUTIVE}:
        links.append(("/meetings", _("Meetings")))
    if reader and reader.roles & BOARD:
        links.append(("/board", _("Board")))
    if reader and any(one.role in (Role.ADMIN, Role.BROKER, Role.PARTNER) for one in reader.own):
        links.append(("/people", _("People")))
    if reader and reader.roles & {Role.COORDINATOR, Role.ADMIN}:
        links.append(("/texts", _("Texts")))
    links += [("/results", _("Results")), ("/process", _("How it works"))]
    path = request.url.path
    return [
        {"href": href, "label": label, "current": path == href or path.startswith(href + "/")} for href, label in links
    ]

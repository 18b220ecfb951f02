"""The public pages: home, how it works, privacy, accessibility, the API."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from intake.access import MaybeReader
from intake.language import language_of, speaking
from intake.pages import page, term_in_words
from intake.rows import kind_of
from schemas.process import MACHINES
from schemas.rules import Machine
from schemas.words import word

router = APIRouter()
# The way that most questions go, through both tables.
ROAD = (
    "screening", "triage", "matching", "offered", "placing", "agreeing", "scheduled", "running", "delivered",
    "completed", "answered",
)  # fmt: skip


@router.get("/")
async def home(request: Request, reader: MaybeReader) -> Response:
    """What this is, and the one thing to do."""
    counts = await request.app.state.tally.read(request.app.state.engine)
    return page(request, "home.html", reader, **counts._asdict())


@router.get("/process")
async def process(request: Request, reader: MaybeReader) -> Response:
    """The two tables, in people's words."""
    language = language_of(request, reader)
    with speaking(language):
        machines = [_told(machine, request, language) for machine in MACHINES.values()]
    states = {one["name"]: one for machine in machines for one in machine["states"] + machine["ends"]}
    return page(request, "process.html", reader, machines=machines, road=[states[name] for name in ROAD])


def _told(machine: Machine, request: Request, language: str) -> dict[str, Any]:
    rows: dict[bool, list[dict[str, str]]] = {False: [], True: []}
    for name, state in machine.states.items():
        if name != "discarded":
            said = {part: word(language, f"states.{name}.{part}") for part in ("label", "who", "what")}
            said["sentence"] = f"{said['who']} {said['what']}" if state.waits_for else said["what"]
            rows[state.end].append({"name": name, "kind": kind_of(name), "term": term_in_words(request, name), **said})
    return {"name": machine.name, "states": rows[False], "ends": rows[True]}


def _city(request: Request) -> Mapping[str, Any]:
    return request.app.state.cooperation.data if request.app.state.cooperation else {}


@router.get("/privacy")
async def privacy(request: Request, reader: MaybeReader) -> Response:
    """What is kept of whom and why, in the city's words."""
    return page(request, "text.html", reader, which="privacy", text=_text(request, reader, "privacy"))


@router.get("/accessibility")
async def accessibility(request: Request, reader: MaybeReader) -> Response:
    """The accessibility statement, in the city's words."""
    return page(request, "text.html", reader, which="accessibility", text=_text(request, reader, "accessibility"))


def _text(request: Request, reader: MaybeReader, name: str) -> str:
    texts = _city(request).get(name) or {}
    return (
        str(texts.get(language_of(request, reader)) or texts.get("nl") or "") if isinstance(texts, dict) else str(texts)
    )


@router.get("/api")
async def api(request: Request, reader: MaybeReader) -> Response:
    """For programmers."""
    return page(request, "api.html", reader)

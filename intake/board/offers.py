"""Asking institutions to take a question on: who has been asked, whose turn it is, and a new order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from intake.access import KnownReader
from intake.board.line import line_of, places_of, proposed, refusal_of
from intake.board.overview import check_reader
from intake.fields import message, read_form, step_fields, summary
from intake.language import CURRENT, language_of, speaking
from intake.memory import memory_of
from intake.pages import page
from intake.preview import Preview, preview
from intake.question import QuestionId
from intake.rows import reference
from intake.sight import Reader
from intake.taking import steps_for, take
from schemas.asking_around import offer_needs
from schemas.candidates import room_for, waiting
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.facts import named
from schemas.needs import NEEDS, Fault, FaultyNeeds
from schemas.parties import Offering
from schemas.process import QUESTION
from schemas.steps import Actor, MovedOn, NotYours
from schemas.subjects import Question, Subject

router = APIRouter()
STEP = "ask_around"
RULE = QUESTION.steps[STEP]
BESIDE = replace(RULE, needs=" ".join(name for name in RULE.needs.split() if name != "candidates"))  # what is typed
RANK = "rank:"  # in the name of a field, before the offering and the term that it gives a place


@dataclass(frozen=True)
class Filled:
    """What somebody has filled in: the offerings in their order, and the rest by the names of the needs."""

    candidates: tuple[str, ...] = ()
    typed: Mapping[str, Any] | None = None
    faults: tuple[Fault, ...] = ()
    letters: Sequence[Preview] | None = None

    @property
    def needs(self) -> dict[str, Any]:
        return {"candidates": list(self.candidates), **(self.typed or {})}


@router.get("/questions/{ref}/offers")
async def show(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """Who has been asked, whose turn it is, and the form for another order."""
    chosen = tuple(one.replace("\x00", "")[:200] for one in request.query_params.getlist("candidate"))
    return await _page(request, reader, subject_id, Filled(chosen))


@router.post("/questions/{ref}/offers")
async def ask(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """Keep the order and make the first offers, or show first which letters that sends."""
    check_reader(reader)
    async with request.form() as sent:
        filled = Filled(_ranked(sent), read_form({name: NEEDS[name] for name in BESIDE.need_names}, sent))
        look_first = "preview" in sent
    try:
        if look_first:
            letters = await _preview(request, reader, subject_id, filled.needs)
            return await _page(request, reader, subject_id, replace(filled, letters=letters))
        async with writing(request.app.state.engine) as session:
            question = await session.get_one(Question, subject_id)
            await take(session, question, STEP, Actor(reader.person.id), filled.needs)
    except FaultyNeeds as error:
        return await _page(request, reader, subject_id, replace(filled, faults=tuple(error.faults)))
    return RedirectResponse(f"/questions/{reference(ref)}/offers?done={STEP}", 303)


@router.post("/questions/{ref}/offers/next")
async def ask_next(request: Request, reader: KnownReader, ref: str, subject_id: QuestionId) -> Response:
    """One button: the offer to whose turn it is. What the page showed is what happens, or nothing."""
    check_reader(reader)
    async with request.form() as sent:
        shown = str(sent.get("offering", ""))
    try:
        async with writing(request.app.state.engine) as session:
            question = await session.get_one(Question, subject_id)
            case = await open_case(session, question)
            one = next((row for row in await waiting(session, question) if row.offering_id == shown), None)
            if one is None:  # somebody else was first, or chose another order
                raise MovedOn(question.state, "offer")
            room = await room_for(session, one, case.today)
            await take(session, question, "offer", Actor(reader.person.id),
                       await offer_needs(case, one, room.hand_in_by))  # fmt: skip
    except FaultyNeeds as error:
        return await _page(request, reader, subject_id, Filled(faults=tuple(error.faults)))
    return RedirectResponse(f"/questions/{reference(ref)}/offers?done=offer", 303)


def _ranked(sent: FormData) -> tuple[str, ...]:
    """The offerings that were given a place, first to last; two with one number in the order of the page."""
    places = [(str(place), name.removeprefix(RANK)) for name, place in sent.items() if name.startswith(RANK)]
    chosen = [(int(place), name) for place, name in places if place.isascii() and place.isdigit()]
    return tuple(name.replace("\x00", "") for _, name in sorted(chosen, key=lambda one: one[0]))


async def _preview(request: Request, reader: Reader, subject_id: int, needs: Mapping[str, Any]) -> list[Preview]:
    async def take_it(session: AsyncSession, subject: Subject, actor: Actor, given: Mapping[str, Any]) -> None:
        await take(session, subject, STEP, actor, given)

    token = CURRENT.set(language_of(request, reader))
    try:
        return await preview(request, Question, subject_id, take_it, Actor(reader.person.id), needs)
    finally:
        CURRENT.reset(token)


async def _page(request: Request, reader: Reader, subject_id: int, filled: Filled) -> Response:
    check_reader(reader)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(Question, subject_id))
        steps = await steps_for(case, reader)
        if filled.typed is not None and STEP not in steps:
            raise NotYours(STEP)
        with speaking(language):
            line = await line_of(case, language)
            places = await places_of(case, memory_of(request), language) if STEP in steps else []
            stuck = [bool(one["why"]) for one in line if one["waits"]]
            refusal, turn = await refusal_of(case, language), await proposed(case, language)
        faults = [await _plain(session, one, language) for one in filled.faults]
        typed = {"order": "in_order", "others": "retract", "by_itself": "no"} | dict(filled.typed or {})
        fields = step_fields(language, BESIDE, typed, faults, {})
        told = [message(language, one) for one in faults if one.field == "candidates"]
        return page(
            request, "board/offers.html", reader, status=400 if faults else 200, question=case.question, line=line,
            places=places, chosen={one: n for n, one in enumerate(filled.candidates, 1)}, fields=fields, told=told,
            faults=[*({"href": "#places", "text": one} for one in told), *summary(language, fields)],
            letters=filled.letters, can=STEP in steps, done=request.query_params.get("done"), rank=RANK,
            refusal=refusal, turn=turn, nobody=bool(stuck) and all(stuck),
        )  # fmt: skip


async def _plain(session: AsyncSession, fault: Fault, language: str) -> Fault:
    """A fault about an institution or an offering, by name, where one chose them."""
    if fault.field not in ("candidates", "institution", "offering"):
        return fault
    offering = await session.get(Offering, fault.limit) if fault.limit else None
    limit = named(offering, language) if offering else fault.limit
    return Fault("candidates", "nothing_to_ask" if fault.code == "missing" else fault.code, limit)

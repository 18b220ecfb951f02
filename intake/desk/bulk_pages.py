"""The pages of a step on many questions: choose it, say what it needs, see what will happen, and what happened."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.back import local
from intake.choices import step_options
from intake.desk.bulk import MOST, Ticked, begin, checked, rows_of, rule_of, run, subject_of, ticked, without_singly
from intake.desk.foresee import foreseen
from intake.fields import message, read_form, step_fields, summary
from intake.language import CURRENT, language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.case import open_case
from schemas.database import reading
from schemas.desk import Bulk, BulkRow
from schemas.needs import NEEDS, Fault, FaultyNeeds
from schemas.process import QUESTION, TRAJECTORY
from schemas.standing import Standing, standing
from schemas.steps import NotYours
from schemas.subjects import Trajectory
from schemas.words import word

router = APIRouter()
Typed = dict[str, Any]
ENDS = QUESTION.ends | TRAJECTORY.ends


@dataclass(frozen=True)
class Asked:
    """What a browser asks: a step on these subjects. `key` makes sending it twice harmless."""

    step: str
    refs: tuple[str, ...]
    key: str
    back: str

    @property
    def name(self) -> str:
        return self.step.partition(".")[2]


@router.get("/desk/steps")
async def choose(request: Request, reader: KnownReader) -> Response:
    """Which step; and when it is chosen, what it needs."""
    language, given = language_of(request, reader), request.query_params
    back, step = local(given.get("from", "")) or "/desk", given.get("step", "")
    async with reading(request.app.state.engine) as session:
        rows = await ticked(session, reader, given.getlist("row"))
    counts = _steps(rows)
    if step in counts:
        refs = tuple(ref for row in rows for ref in row.steps.get(step, ()))
        asked = Asked(step, refs, secrets.token_urlsafe(12), back)
        if rule_of(step).need_names:
            return await _form(request, reader, asked, {}, [])
        return await _ahead(request, reader, asked, {})
    faults = [] if rows else [{"href": "/desk#list", "text": message(language, Fault("row", "nothing_chosen"))}]
    faults += (
        [{"href": "#step", "text": message(language, Fault("step", "not_a_choice"))}] if "go" in given and rows else []
    )
    choices = [
        {"value": key, "label": word(language, f"steps.{key.partition('.')[2]}.label"), "count": count,
         "below": key.startswith("trajectory."),
         "hint": word(language, f"steps.{key.partition('.')[2]}.hint")}
        for key, count in counts.items()
    ]  # fmt: skip
    return page(request, "desk/steps.html", reader, status=400 if faults else 200, rows=rows, choices=choices,
                back=back, faults=faults, most=MOST)  # fmt: skip


def _steps(rows: Sequence[Ticked]) -> dict[str, int]:
    """Every step that at least one row allows, with how many do; the most first."""
    counts: dict[str, int] = {}
    for row in rows:
        for key in row.steps:
            counts[key] = counts.get(key, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: -one[1]))


@router.post("/desk/steps")
async def go(request: Request, reader: KnownReader) -> Response:
    """Show what will happen; or, when that has been seen, do it."""
    async with request.form() as sent:
        refs = tuple(str(one).replace("\x00", "") for one in sent.getlist("subject"))[: MOST * 4]
        asked = Asked(str(sent.get("step", "")), refs, str(sent.get("key", "")).replace("\x00", "")[:64],
                      local(str(sent.get("from", ""))) or "/desk")  # fmt: skip
        rule, sure = without_singly(rule_of(asked.step)), "sure" in sent
        typed = read_form({need: NEEDS[need] for need in rule.need_names}, sent)
    try:
        needs = checked(rule, typed)
    except FaultyNeeds as error:
        return await _form(request, reader, asked, typed, error.faults)
    if "change" in sent:
        return await _form(request, reader, asked, typed, [])
    if not sure or not asked.key:
        return await _ahead(request, reader, asked, typed)
    engine = request.app.state.engine
    try:
        bulk = await begin(engine, reader, asked.key, asked.name, needs, asked.refs, asked.back)
    except KeyError:  # the same page, changed by hand: a new wish
        bulk = await begin(engine, reader, secrets.token_urlsafe(12), asked.name, needs, asked.refs, asked.back)
    await run(engine, reader, bulk)
    return RedirectResponse(f"/desk/steps/{bulk.id}", 303)


async def _form(request: Request, reader: Reader, asked: Asked, typed: Typed, faults: list[Fault]) -> Response:
    language, rule = language_of(request, reader), without_singly(rule_of(asked.step))
    async with reading(request.app.state.engine) as session:
        options: Mapping[str, Any] = {}
        for ref in asked.refs[:1]:
            try:
                options = await step_options(
                    await open_case(session, await subject_of(session, reader, ref)), rule, language
                )
            except LookupError:
                raise NotYours(ref) from None
    made = step_fields(language, rule, typed, faults, options)
    return page(request, "desk/step_form.html", reader, status=400 if faults else 200, asked=asked, fields=made,
                faults=summary(language, made))  # fmt: skip


async def _ahead(request: Request, reader: Reader, asked: Asked, typed: Typed) -> Response:
    language = language_of(request, reader)
    token = CURRENT.set(language)
    try:
        rows = await foreseen(request, reader, asked.name, _sent(asked, typed), asked.refs, language)
    finally:
        CURRENT.reset(token)
    warning = bool({*rule_of(asked.step).moves.values()} & ENDS)
    possible = [row for row in rows if not row.refused]
    return page(request, "desk/step_ahead.html", reader, asked=asked, typed=_flat(typed), rows=rows, possible=possible,
                warning=warning)  # fmt: skip


def _sent(asked: Asked, typed: Typed) -> dict[str, Any]:
    return checked(rule_of(asked.step), typed)


def _flat(typed: Typed) -> dict[str, str]:
    """What was typed as hidden fields, which read_form reads again."""
    return {name: str(value) for name, value in typed.items() if value}


@router.get("/desk/steps/{bulk_id}")
async def outcome(request: Request, reader: KnownReader, bulk_id: int) -> Response:
    """What happened, row by row; and for what did not, what is true now."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        bulk = await own(session, reader, bulk_id)
        rows = [await _told(session, reader, row, language) for row in await rows_of(session, bulk)]
    return page(request, "desk/step_done.html", reader, bulk=bulk, rows=rows,
                failed=[row for row in rows if row["outcome"] != "done"])  # fmt: skip


@router.post("/desk/steps/{bulk_id}/retry")
async def retry(request: Request, reader: KnownReader, bulk_id: int) -> Response:
    """Once more on the rows on which it failed."""
    engine = request.app.state.engine
    async with reading(engine) as session:
        bulk = await own(session, reader, bulk_id)
    await run(engine, reader, bulk, again=True)
    return RedirectResponse(f"/desk/steps/{bulk_id}", 303)


async def own(session: AsyncSession, reader: Reader, bulk_id: int) -> Bulk:
    """What the reader did on many at once; nobody else's. Raises NotFound."""
    bulk = await session.get(Bulk, bulk_id) if 0 < bulk_id < 2**31 else None
    if bulk is None or bulk.person_id != reader.person.id:
        raise NotFound("page")
    return bulk


async def _told(session: AsyncSession, reader: Reader, row: BulkRow, language: str) -> dict[str, Any]:
    said = [message(language, Fault(*one)) for one in row.told.get("faults", ())]
    told: dict[str, Any] = {"ref": row.ref, "outcome": row.outcome, "letters": row.told.get("letters", []),
                            "faults": said, "title": "", "href": "", "state": "", "now": None}  # fmt: skip
    try:
        subject = await subject_of(session, reader, row.told.get("ref") or row.ref)
    except (LookupError, NotYours):
        return told
    case = await open_case(session, subject)
    path = "trajectories" if isinstance(subject, Trajectory) else "questions"
    now: Standing = standing(case, language)
    return told | {"title": case.question.title, "href": f"/{path}/{subject.ref}", "now": now,
                   "state": word(language, f"states.{subject.state}.label")}  # fmt: skip

"""Taking a step on a page: the form its needs ask for, the letters it will send, and then the step itself.

Used from the question's page, a trajectory's page and a mailed link alike; only the way back differs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from intake.back import origin_of, returned
from intake.carried import WITH_FILES, carrying, step_files, take_in
from intake.choices import step_options
from intake.fields import read_form, step_fields, summary, told_faults
from intake.incoming import form_with_files
from intake.language import CURRENT, language_of
from intake.pages import page
from intake.preview import Preview, expected, preview
from intake.routing import advice_of
from intake.sight import Reader, roles_here
from intake.spent import use_up
from intake.telling import form_rows
from intake.trouble import Elsewhere
from schemas.birth import new_trajectory
from schemas.case import Case, open_case
from schemas.database import reading, writing
from schemas.guards import holds
from schemas.needs import NEEDS, Fault, FaultyNeeds
from schemas.process import MACHINES
from schemas.rules import NEW, Step
from schemas.standing import standing
from schemas.steps import Actor, MovedOn, NotYours, UnknownStep, may_take, open_steps, take_step
from schemas.subjects import Question, Subject, Trajectory

Typed = dict[str, Any]


@dataclass(frozen=True)
class Door:
    """Through which page a step is taken: whose turn, on what, and where one goes afterwards."""

    reader: Reader
    table: type[Subject]
    subject_id: int
    base: str  # the page that the steps hang under
    after: str = ""  # where to go when it is done, if not there
    letter_id: int | None = None  # when through a mailed link, which is used up by it


async def take(session: AsyncSession, subject: Subject, step: str, actor: Actor, given: Mapping[str, Any]) -> Subject:
    """Take a step on a question or trajectory; `offer` on a question brings the trajectory into being."""
    if step == "offer" and isinstance(subject, Question):
        subject = await new_trajectory(session, subject, given)
    await take_step(session, subject, step, actor, given)
    return subject


async def steps_for(case: Case, reader: Reader) -> dict[str, Step]:
    """The steps that this reader may take now; on a question also the offer of a new trajectory."""
    roles = roles_here(reader, case)
    found = open_steps(case, roles)
    offer = MACHINES["trajectory"].steps["offer"]
    if isinstance(case.subject, Question) and roles & set(offer.by) and holds(offer.when, case, {}):
        found = {"offer": offer} | found
    return {name: step for name, step in found.items() if name != "submit"}


def page_of(rule: Step, base: str) -> str:
    """Where a step is taken that has a page of its own: of all questions, or below the page of this one."""
    return rule.page if rule.page.startswith("/") else f"{base}/{rule.page}"


def _rule(case: Case, name: str) -> Step:
    if name == "offer" and isinstance(case.subject, Question):
        return MACHINES["trajectory"].steps["offer"]
    rule = case.machine.steps.get(name)
    if rule is None or NEW in rule.moves:
        raise UnknownStep(name)
    return rule


async def show_step(request: Request, door: Door, name: str) -> Response:
    """The page of one step, with what is known filled in."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(door.table, door.subject_id))
        rule = await _allowed(case, door, name)
        values = _known(case, name) | _asked(request, rule)
        letters = None if rule.needs else await _preview(request, door, name, {})
        return await _step_page(request, door, case, name, rule, values, [], letters)


async def _allowed(case: Case, door: Door, name: str) -> Step:
    rule = _rule(case, name)
    if rule.page:
        raise Elsewhere(page_of(rule, door.base))
    open_now = await steps_for(case, door.reader)
    if name in open_now:
        return rule
    if not {*may_take(case, name, rule)} & roles_here(door.reader, case):
        raise NotYours(name)
    raise MovedOn(case.subject.state, name)


def _known(case: Case, name: str) -> Typed:
    """What a form begins with: the agreement so far, the coordinator's advice."""
    if name == "agree" and isinstance(case.subject, Trajectory):
        return dict(case.subject.agreement)
    if name in ("accept", "vote"):
        return {"route": case.question.advice.get("route") or advice_of(case)[0] or "any"}
    if name == "place" and isinstance(case.subject, Trajectory):
        return {"offering": case.subject.offering_id or ""}
    return {}


def _asked(request: Request, rule: Step) -> Typed:
    """What the link that led here has filled in: the course from the ranking, the question that looks like this one."""
    return {need: request.query_params[need] for need in rule.need_names if need in request.query_params}


async def _preview(request: Request, door: Door, name: str, typed: Typed) -> list[Preview]:
    async def take_it(session: AsyncSession, subject: Subject, actor: Actor, given: Mapping[str, Any]) -> None:
        await take(session, subject, name, actor, given)

    token = CURRENT.set(language_of(request, door.reader))
    try:
        return await preview(request, door.table, door.subject_id, take_it, Actor(door.reader.person.id), typed)
    finally:
        CURRENT.reset(token)


async def post_step(request: Request, door: Door, name: str) -> Response:
    """Take the step, or show what is wrong, or show the letters first when that was asked."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(door.table, door.subject_id))
        rule = await _allowed(case, door, name)
    async with form_with_files(request) as sent:
        typed = read_form({need: NEEDS[need] for need in rule.need_names}, sent)
        look_first, choosing = "preview" in sent, "look" in sent
        wrong = await _files_in(request, door, name, case, sent)
    if wrong or choosing:  # choosing: the terms of another offering
        return await _again(request, door, name, typed, [], None, wrong)
    try:
        if look_first:
            return await _again(request, door, name, typed, [], await _preview(request, door, name, typed))
        return await _done(request, door, name, typed)
    except FaultyNeeds as error:
        return await _again(request, door, name, typed, error.faults, None)


async def _files_in(request: Request, door: Door, name: str, case: Case, sent: FormData) -> list[tuple[str, Fault]]:
    if name not in WITH_FILES or not isinstance(case.subject, Trajectory):
        return []
    return await take_in(request, sent, door.reader.person.id, case.question.id, case.subject.id)


async def _done(request: Request, door: Door, name: str, typed: Typed) -> Response:
    async with writing(request.app.state.engine) as session:
        subject: Any = await session.get_one(door.table, door.subject_id)
        await take(session, subject, name, Actor(door.reader.person.id), typed)
        if door.letter_id:
            await use_up(session, door.letter_id)
    if origin := origin_of(request):
        return RedirectResponse(returned(origin, name, door.base.rpartition("/")[2]), 303)
    return RedirectResponse(f"{door.after or door.base}?done={name}", 303)


async def _again(
    request: Request, door: Door, name: str, typed: Typed, faults: list[Fault], letters: list[Preview] | None,
    wrong: Sequence[tuple[str, Fault]] = (),
) -> Response:  # fmt: skip
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(door.table, door.subject_id))
        rule = await _allowed(case, door, name)
        return await _step_page(request, door, case, name, rule, typed, faults, letters, wrong)


async def _step_page(
    request: Request, door: Door, case: Case, name: str, rule: Step, values: Typed, faults: list[Fault],
    letters: list[Preview] | None, wrong: Sequence[tuple[str, Fault]] = (),
) -> Response:  # fmt: skip
    language = language_of(request, door.reader)
    made = step_fields(language, rule, values, faults, await step_options(case, rule, language, values))
    if not values.get("overbook") and not any(fault.code == "edition_full" for fault in faults):
        made = [one for one in made if one["name"] != "overbook"]
    carried = await step_files(case.session, name, case.subject, door.reader.person.id)
    return page(
        request, "step.html", None if door.letter_id else door.reader, guest=door.reader,
        status=400 if faults or wrong else 200, question=case.question, subject=case.subject,
        step=name, base=door.base, fields=made, letters=letters,
        faults=[*summary(language, made), *told_faults(wrong, language)], carries=carried is not None,
        **carrying(carried or [], door.reader.person.id, wrong, language),
        facts=await form_rows(case, language), expected=await expected(case, rule, language),
        now=standing(case, language), warning=rule.moves.get(case.subject.state, "") in case.machine.ends,
    )  # fmt: skip

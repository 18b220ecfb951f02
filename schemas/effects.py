"""What a step does besides moving: it writes what was given where it belongs. One small function per step that does."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from sqlmodel import select

from schemas.attachments import drop_files
from schemas.case import Case
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Organisation
from schemas.places import houses
from schemas.references import normal, plausible
from schemas.roles import person_named
from schemas.subjects import Question

Given = Mapping[str, Any]
Effect = Callable[[Case, Given, str], Awaitable[None]]
EFFECTS: dict[str, Effect] = {}


def effect(*steps: str) -> Callable[[Effect], Effect]:
    """Register what these steps do."""

    def register(function: Effect) -> Effect:
        EFFECTS.update(dict.fromkeys(steps, function))
        return function

    return register


def refuse(field: str, code: str) -> FaultyNeeds:
    return FaultyNeeds([Fault(field, code)])


def future(case: Case, given: Given, field: str) -> date:
    """A day after today. Raises FaultyNeeds."""
    day = date.fromisoformat(given[field])
    if day <= case.today:
        raise refuse(field, "not_in_future")
    return day


async def organisation(case: Case, given: Given, field: str, kinds: set[str]) -> Organisation:
    """The named organisation, of one of these kinds. Raises FaultyNeeds."""
    found = (await houses(case.session)).get(given[field])
    if not found or found.kind not in kinds:
        raise refuse(field, "unknown")
    return found


async def _owner(case: Case, given: Given) -> None:
    person = await person_named(case.session, given["owner_name"], given["owner_email"], case.question.language)
    if person.id != case.question.owner_id:
        case.question.old_owner_id = case.question.owner_id
        case.question.owner_id = person.id
        case.question.owner_confirmed = False


@effect("discard")
async def discard(case: Case, given: Given, role: str) -> None:
    """Nothing of what was typed or added stays."""
    await drop_files(case.session, case.question.id)
    case.question.form, case.question.title, case.question.search = {}, "", ""
    case.question.submitter_id = None


@effect("confirm_ownership")
async def confirm_ownership(case: Case, given: Given, role: str) -> None:
    case.question.owner_confirmed = True


@effect("change_owner")
async def change_owner(case: Case, given: Given, role: str) -> None:
    before = case.question.owner_id
    await _owner(case, given)
    if case.question.owner_id == before:
        raise refuse("owner_email", "same_owner")


@effect("change_deputy")
async def change_deputy(case: Case, given: Given, role: str) -> None:
    person = await person_named(case.session, given["deputy_name"], given["deputy_email"], case.question.language)
    if person.id in (case.question.deputy_id, case.question.owner_id):
        raise refuse("deputy_email", "same_as_owner" if person.id == case.question.owner_id else "same_person")
    case.question.deputy_id = person.id


@effect("clarify")
async def clarify(case: Case, given: Given, role: str) -> None:
    if bool(given.get("owner_name")) != bool(given.get("owner_email")):
        raise refuse("owner_email" if given.get("owner_name") else "owner_name", "missing")
    if given.get("owner_email"):
        await _owner(case, given)
    answers = [*case.question.form.get("answers", []), given["answer"]]
    case.question.form = case.question.form | {"answers": answers}


@effect("put_forward")
async def put_forward(case: Case, given: Given, role: str) -> None:
    case.question.advice = dict(given)
    if given["advice"] == "redirect" and given.get("target"):
        await organisation(case, given, "target", {"partner"})


@effect("accept")
async def accept(case: Case, given: Given, role: str) -> None:
    case.question.route = given["route"]


@effect("redirect")
async def redirect(case: Case, given: Given, role: str) -> None:
    case.question.target_id = (await organisation(case, given, "target", {"partner"})).id
    case.question.picked_up = False


@effect("pick_up")
async def pick_up(case: Case, given: Given, role: str) -> None:
    case.question.picked_up = True


@effect("merge")
async def merge(case: Case, given: Given, role: str) -> None:
    ref = normal(given["other_question"])
    other = (await case.session.exec(select(Question).where(Question.ref == ref))).first()
    if other is None or other.id == case.question.id:
        raise refuse("other_question", "unknown" if other or plausible(ref) else "typing_error")
    if other.state in case.machine.ends | {"draft"}:
        raise refuse("other_question", "ended")
    case.question.merged_into_id = other.id


@effect("hold")
async def hold(case: Case, given: Given, role: str) -> None:
    case.question.back_to = case.question.state
    await postpone(case, given, role)


@effect("postpone")
async def postpone(case: Case, given: Given, role: str) -> None:
    case.question.until = future(case, given, "until")
    days = [case.day(row.at, "on_hold") for row in case.due("on_hold") if row.tell]
    # What would have been asked before today is not asked any more.
    case.question.reported = sum(day is not None and day <= case.today for day in days)


@effect("still_current", "report_impact")
async def answer_the_clock(case: Case, given: Given, role: str) -> None:
    case.question.reported = case.question.due_n


@effect("suspend")
async def suspend(case: Case, given: Given, role: str) -> None:
    future(case, given, "resume_on")


@effect("extend")
async def extend(case: Case, given: Given, role: str) -> None:
    if given["working_days"] < 1:
        raise FaultyNeeds([Fault("working_days", "too_small", "1")])


@effect("adopt")
async def adopt(case: Case, given: Given, role: str) -> None:
    case.subject.process_id = case.cooperation.process_id


@effect("conclude", "gather")
async def conclude(case: Case, given: Given, role: str) -> None:
    case.question.reported = 0

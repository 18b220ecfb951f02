"""What a step does besides moving: it writes what was given where it belongs. One small function per step that does."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any

from sqlmodel import select

from schemas.attachments import drop_files
from schemas.case import Case
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Organisation
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
    found = await case.session.get(Organisation, given[field])
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
    case.question.until = future(case, given, "until")
    case.question.back_to = case.question.state


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


@effect("conclude")
async def conclude(case: Case, given: Given, role: str) -> None:
    case.question.reported = 0


@effect("report_impact")
async def report_impact(case: Case, given: Given, role: str) -> None:
    case.question.reported = case.question.due_n


@effect("agree")
async def agree(case: Case, given: Given, role: str) -> None:
    attempt = case.attempt
    if attempt.agreement != dict(given):
        attempt.agreement, attempt.agreed_by = dict(given), []
    attempt.agreed_by = sorted({*attempt.agreed_by, role})


@effect("start")
async def start(case: Case, given: Given, role: str) -> None:
    case.attempt.students_expected = given.get("students_expected", case.attempt.students_expected)


@effect("report_midterm")
async def report_midterm(case: Case, given: Given, role: str) -> None:
    case.attempt.midterm = case.attempt.midterm | {role: dict(given)}
    case.attempt.at_risk = given["progress"] == "at_risk"


@effect("deliver")
async def deliver(case: Case, given: Given, role: str) -> None:
    case.attempt.result = {key: value for key, value in given.items() if not key.startswith("student_")}
    if bool(given.get("student_name")) != bool(given.get("student_email")):
        raise refuse("student_email" if given.get("student_name") else "student_name", "missing")
    if given.get("student_email"):
        student = await person_named(case.session, given["student_name"], given["student_email"])
        case.attempt.student_contact_id = student.id


@effect("accept_result")
async def accept_result(case: Case, given: Given, role: str) -> None:
    case.attempt.acceptance = dict(given)


@effect("presume_accepted")
async def presume_accepted(case: Case, given: Given, role: str) -> None:
    case.attempt.acceptance = {"not_answered": True}


@effect("clear")
async def clear(case: Case, given: Given, role: str) -> None:
    if given["clearance"] == "embargo":
        if not given.get("embargo_until"):
            raise refuse("embargo_until", "missing")
        future(case, given, "embargo_until")
    case.attempt.clearances = case.attempt.clearances | {role: dict(given)}


@effect("publish")
async def publish(case: Case, given: Given, role: str) -> None:
    case.attempt.published_on = case.today

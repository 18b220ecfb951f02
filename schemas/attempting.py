"""What the steps of a trajectory do besides moving: where it is placed, what was agreed, what came of it."""

from sqlmodel import select

from schemas.case import Case
from schemas.effects import Given, effect, future, organisation, refuse
from schemas.parties import Offering, Period
from schemas.references import normal
from schemas.roles import person_named
from schemas.rules import Role
from schemas.subjects import Trajectory


@effect("offer")
async def offer(case: Case, given: Given, role: str) -> None:
    attempt = case.attempt
    await organisation(case, given, "institution", {"wo", "hbo", "mbo", "art"})
    if given.get("offering"):
        await _offering(case, given, attempt.institution_id)
        attempt.offering_id = given["offering"]
    attempt.message = given.get("message", "")
    if given.get("relay_from"):
        ref = normal(given["relay_from"])
        earlier = (await case.session.exec(select(Trajectory).where(Trajectory.ref == ref))).first()
        if earlier is None or earlier.id == attempt.id:
            raise refuse("relay_from", "unknown")
        if not earlier.result:
            raise refuse("relay_from", "no_result")
        attempt.relay_from_id = earlier.id


async def _offering(case: Case, given: Given, institution: str) -> Offering:
    found = await case.session.get(Offering, given["offering"])
    if not found or not found.offered or found.institution_id != institution:
        raise refuse("offering", "unknown")
    return found


@effect("place")
async def place(case: Case, given: Given, role: str) -> None:
    attempt = case.attempt
    attempt.offering_id = (await _offering(case, given, attempt.institution_id)).id
    term = await case.session.get(Period, given["term"])
    if not term or term.institution_id != attempt.institution_id:
        raise refuse("term", "unknown")
    if term.ends_on <= case.today:
        raise refuse("term", "not_in_future")
    attempt.term_id, attempt.starts_on, attempt.ends_on = term.id, term.starts_on, term.ends_on
    lecturer = await person_named(case.session, given["lecturer_name"], given["lecturer_email"])
    attempt.lecturer_id, attempt.agreement, attempt.agreed_by = lecturer.id, {}, []


@effect("change_lecturer")
async def change_lecturer(case: Case, given: Given, role: str) -> None:
    attempt = case.attempt
    lecturer = await person_named(case.session, given["lecturer_name"], given["lecturer_email"])
    if lecturer.id == attempt.lecturer_id:
        raise refuse("lecturer_email", "same_person")
    attempt.lecturer_id = lecturer.id
    if attempt.state == "agreeing":  # what was agreed already stands; what was not, the new lecturer has to say
        attempt.agreed_by = [one for one in attempt.agreed_by if one != Role.LECTURER]


@effect("change_student_contact")
async def change_student_contact(case: Case, given: Given, role: str) -> None:
    student = await person_named(case.session, given["student_name"], given["student_email"])
    if student.id == case.attempt.student_contact_id:
        raise refuse("student_email", "same_person")
    case.attempt.student_contact_id = student.id


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

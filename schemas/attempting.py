"""What the steps of a trajectory do besides moving: where it is placed, what was agreed, what came of it."""

from schemas.case import Case
from schemas.effects import Given, effect, future, refuse
from schemas.roles import person_named
from schemas.rules import Role


@effect("decline")
async def decline(case: Case, given: Given, role: str) -> None:
    case.question.declined += 1


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

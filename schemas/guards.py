"""The conditions that the process table names. Each reads a case; none changes it."""

from collections.abc import Callable, Mapping
from typing import Any

from schemas.case import Case
from schemas.committee import by_default
from schemas.process import QUESTION, TRAJECTORY
from schemas.rules import Role

Guard = Callable[[Case, Mapping[str, Any]], bool]


def _cleared_by_all(case: Case, _: Mapping[str, Any]) -> bool:
    asked = {Role.OWNER, Role.LECTURER} | ({Role.PRIVACY} if case.attempt.personal_data else set())
    return _may_be_published(case, _) and asked <= case.attempt.clearances.keys()


def _may_be_published(case: Case, _: Mapping[str, Any]) -> bool:
    return case.attempt.published_on is None and case.attempt.agreement.get("publishing") != "not"


def _embargo_over(case: Case, needs: Mapping[str, Any]) -> bool:
    until = case.attempt.embargo
    return _cleared_by_all(case, needs) and (until is None or until <= case.today)


def _parts_answered(case: Case, _: Mapping[str, Any]) -> bool:
    done = {one.state for one in case.parts}
    return done <= QUESTION.ends | {"answered"} and bool(done & {"answered", "closed"})


GUARDS: dict[str, Guard] = {
    "default_decides": lambda case, _: by_default(case) is not None,
    "clock_runs": lambda case, _: case.timing.until is None,
    "clock_stopped": lambda case, _: case.timing.until is not None,
    "older_version": lambda case, _: case.process.id != case.cooperation.process_id,
    "answer_due": lambda case, _: case.question.due_n > case.question.reported,
    "nothing_on_offer": lambda case, _: (
        all(one.state in TRAJECTORY.ends for one in case.trajectories) and not case.open_parts
    ),
    "parts_answered": _parts_answered,
    "not_withdrawn": lambda case, _: case.question.state != "withdrawn",
    "looked_for_again": lambda case, _: case.question.state in ("matching", "underway"),
    "personal_data": lambda case, _: case.attempt.personal_data,
    "clearance_awaited": lambda case, _: _may_be_published(case, _) and not _cleared_by_all(case, _),
    "owner_confirmed": lambda case, _: case.question.owner_confirmed,
    "owner_unconfirmed": lambda case, _: not case.question.owner_confirmed,
    "not_picked_up": lambda case, _: not case.question.picked_up,
    "no_trajectory_left": lambda case, _: (
        not any(one.state not in TRAJECTORY.ends | {"offered", "placing", "agreeing"} for one in case.trajectories)
    ),
    "trajectory_agreed": lambda case, _: any(
        one.state in ("scheduled", "running", "delivered") for one in case.trajectories
    ),
    "takes_offers": lambda case, _: case.question.state in ("matching", "underway"),
    "declined_before": lambda case, _: sum(one.state == "declined" for one in case.trajectories) > 1,
    "at_risk": lambda _, needs: needs.get("progress") == "at_risk",
    "no_midterm_yet": lambda case, _: Role.LECTURER not in case.attempt.midterm,
    "may_be_published": _may_be_published,
    "cleared_by_all": _cleared_by_all,
    "embargo_over": _embargo_over,
}


def holds(name: str | None, case: Case, needs: Mapping[str, Any]) -> bool:
    """Whether the guard of this name holds; no name is no condition."""
    return name is None or GUARDS[name](case, needs)

"""The conditions that the process table names. Each reads a case; none changes it."""

from collections.abc import Callable, Mapping
from typing import Any

from schemas.case import Case
from schemas.committee import by_default
from schemas.process import TRAJECTORY
from schemas.rules import Role

Guard = Callable[[Case, Mapping[str, Any]], bool]


def _cleared_by_all(case: Case, _: Mapping[str, Any]) -> bool:
    done = case.attempt.clearances
    return case.attempt.published_on is None and {Role.OWNER, Role.LECTURER} <= done.keys()


GUARDS: dict[str, Guard] = {
    "default_decides": lambda case, _: by_default(case) is not None,
    "clock_runs": lambda case, _: case.timing.until is None,
    "clock_stopped": lambda case, _: case.timing.until is not None,
    "older_version": lambda case, _: case.process.id != case.cooperation.process_id,
    "impact_asked": lambda case, _: case.question.due_n > case.question.reported,
    "nothing_on_offer": lambda case, _: all(one.state in TRAJECTORY.ends for one in case.trajectories),
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
    "not_published": lambda case, _: case.attempt.published_on is None,
    "cleared_by_all": _cleared_by_all,
}


def holds(name: str | None, case: Case, needs: Mapping[str, Any]) -> bool:
    """Whether the guard of this name holds; no name is no condition."""
    return name is None or GUARDS[name](case, needs)

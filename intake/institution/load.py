"""How full an institution's terms are, and which hand-in days pass soon."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from intake.institution.runs import Run
from schemas.facts import named

SOON = timedelta(weeks=6)


def soon(runs: list[Run], today: date, language: str) -> list[dict[str, Any]]:
    """The hand-in days that pass within six weeks, with what they close."""
    near = [run for run in runs if today <= run.edition.hand_in_by <= today + SOON and run.edition.open]
    near.sort(key=lambda run: (run.edition.hand_in_by, run.edition.starts_on, run.period.id))
    groups = groupby(near, key=lambda run: (run.edition.hand_in_by, run.period.code, run.period.year))
    return [
        {"by": by, "code": code, "year": year, "names": [named(run.offering, language) for run in found],
         "full": sum(run.edition.left == 0 for run in found)}
        for (by, code, year), found in ((key, list(group)) for key, group in groups)
    ]  # fmt: skip


def load(runs: list[Run]) -> list[dict[str, Any]]:
    """Per term: editions, seats, how many are taken, and how many editions have set no limit."""
    found: dict[str, dict[str, Any]] = {}
    for run in runs:
        row = found.setdefault(run.period.id, {"period": run.period, "editions": 0, "seats": 0, "taken": 0, "free": 0,
                                               "confirmed": 0, "full": 0, "closed": 0})  # fmt: skip
        one = run.edition
        row["editions"] += 1
        row["seats"] += one.seats or 0
        row["taken"] += one.taken
        row["free"] += one.seats is None
        row["confirmed"] += one.confirmed
        row["full"] += one.left == 0
        row["closed"] += not one.open
    return sorted(found.values(), key=lambda row: (row["period"].starts_on, row["period"].ends_on))

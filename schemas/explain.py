"""Why this date: day by day which days counted for a term, and why the others did not. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.case import Case
from schemas.clock import begins, parse
from schemas.days_off import Rest
from schemas.guards import holds
from schemas.rules import Due

LONGEST = 1200  # days told of one term: three years and some


@dataclass(frozen=True)
class Day:
    """One day of a term. `number`: the how manieth day that counts; None when it does not, because of `rest`."""

    day: date
    number: int | None
    rest: Rest | None


@dataclass(frozen=True)
class Term:
    """One thing that the clock does in the present state, and the days that lead to it.

    `done`: it is behind us; `next`: it is what the clock waits for; `idle`: its guard fails, so nothing would happen.
    """

    n: int
    row: Due
    begins: date
    ends: date
    at: datetime
    extra: int
    done: bool
    next: bool
    idle: bool
    days: tuple[Day, ...]


def terms_of(case: Case) -> list[Term]:
    """Every term of the present state that has a day, in the order of the table."""
    return [term for n, row in enumerate(case.due(case.subject.state)) if (term := _term(case, n, row))]


def _term(case: Case, n: int, row: Due) -> Term | None:
    subject, calendar = case.subject, case.days_of(case.subject.state)
    first, last = begins(row.at, subject, calendar), case.day(row.at)
    if first is None or last is None:
        return None
    waits = subject.due_at is not None and subject.due_n == n
    if waits and subject.due_at and row.again and not case.timing.until:
        last = max(last, calendar.local(subject.due_at))
    return Term(
        n, row, first, last, calendar.morning(last), case.timing.extra if parse(row.at)[1] > 0 else 0,
        done=not waits and n < subject.due_n, next=waits, idle=not holds(row.when, case, {}),
        days=tuple(_days(case, row, first, last)),
    )  # fmt: skip


def _days(case: Case, row: Due, first: date, last: date) -> Iterator[Day]:
    calendar, number = case.days_of(case.subject.state).paused(case.timing.pauses), 0
    every = parse(row.at)[2] != "wd"  # days, weeks and months count every day that the clock was not stopped
    for n in range(1, min((last - first).days, LONGEST) + 1):
        day = first + timedelta(days=n)
        rest = calendar.rest(day)
        if every and rest and rest.why != "suspended":
            rest = None
        number += rest is None
        yield Day(day, None if rest else number, rest)

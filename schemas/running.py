"""Running a clock: which of a state's terms comes next, and what a step does to it. Live and in a replay alike."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from schemas.case import Case
from schemas.guards import holds
from schemas.rules import Due, Role, Step
from schemas.subjects import apart
from schemas.timing import CHANGES, Timing

Moment = tuple[datetime | None, int]  # when the clock must look again, and at which term of the state


def next_due(case: Case, n: int) -> Moment:
    """The term that comes next, from the n-th on; those without a day yet or whose guard fails are passed over."""
    rows = case.due(case.subject.state)
    for at in range(n, len(rows)):
        if (due_at := _moment(case, rows[at])) and holds(rows[at].when, case, {}):
            return due_at, at
    return None, max(n, len(rows))


def first_due(case: Case) -> Moment:
    """As `next_due`, when a clock begins: a reminder whose day has gone by already is not caught up."""
    rows = case.due(case.subject.state)
    due_at, n = next_due(case, 0)
    while due_at is not None and due_at <= case.now and not rows[n].take:
        due_at, n = next_due(case, n + 1)
    return due_at, n


def after_told(case: Case, n: int) -> Moment:
    """The term after the n-th, which has been told; the n-th again when it comes round."""
    rows = case.due(case.subject.state)
    due_at, then = next_due(case, n + 1)
    if due_at is None and n < len(rows) and rows[n].again:
        begun = Timing(case.today, extra=0)
        again = case.at(apart(case.subject, clock=begun.written()))
        return next_due(again, n)
    return due_at, then


def set_going(case: Case) -> None:
    """Begin the clock of a state that has just been entered for the first time."""
    case.subject.due_at, case.subject.due_n = first_due(case)


def carry_on(case: Case, step: Step, before: str, since: date, needs: Mapping[str, Any]) -> None:
    """Set the clock after a step from `before`, which was entered on the day `since`; the subject's state is new."""
    subject, states = case.subject, case.machine.states
    timing, after = case.timing, subject.state
    if before != after:
        waits = [bool(states[one].stops) if one in states else False for one in (before, after)]
        timing = timing.moved(before, after, since, case.today, waits=(waits[0], waits[1]))
    if step.clock:
        timing = CHANGES[step.clock](timing, case.today, needs)
    subject.clock = timing.written()
    if timing.until:
        subject.due_at = case.calendar.morning(timing.until)
    elif before != after or step.clock:
        set_going(case)
    elif subject.due_at is None or not _still_holds(case):
        subject.due_at, subject.due_n = next_due(case, subject.due_n)


def overdue(case: Case) -> Iterator[int]:
    """The terms that have run out, in their order, from the one that is due on."""
    rows = case.due(case.subject.state)
    n = case.subject.due_n
    while n < len(rows):
        due_at, n = next_due(case, n)
        if due_at is None or due_at > case.now:
            return
        yield n
        n += 1


def matter(case: Case) -> int:
    """Which of the terms that have run out is seen to now.

    A step before the reminders that it makes needless; of several letters of one kind, as after a week without power,
    only the last.
    """
    rows, out = case.due(case.subject.state), list(overdue(case))
    for n in out:
        if rows[n].take:
            return n
    for n in out:
        if not any(later > n and _letter(rows[later]) == _letter(rows[n]) for later in out):
            return n
    return case.subject.due_n


def still_waited_for(case: Case) -> tuple[Role, ...]:
    """Whom the state waits for: those who are asked at all, and where each must act, those who have not yet."""
    subject = case.subject
    row, steps = case.machine.states[subject.state], case.machine.steps
    kept = [steps[name].done_by for name in row.asks.split() if name in steps]
    fields = [name for name in kept if name] if all(kept) else []
    done = {role for name in fields for role in getattr(subject, name)}
    done |= {role for role, fact in row.only.items() if not getattr(subject, fact)}
    return tuple(role for role in row.waits_for if role not in done)


def _letter(row: Due) -> str | None:
    return row.tell.letter if row.tell else None


def _moment(case: Case, row: Due) -> datetime | None:
    day = case.day(row.at)
    return case.calendar.morning(day) if day else None


def _still_holds(case: Case) -> bool:
    rows, n = case.due(case.subject.state), case.subject.due_n
    return n < len(rows) and holds(rows[n].when, case, {})

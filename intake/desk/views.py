"""The views of the desk: one table. A view is a few reasons to be in it; each row of a list can say which one holds."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, literal_column, or_, true, union_all
from sqlmodel import col, select

from intake.sight import Reader, of_own, through
from intake.tasks import waiting
from schemas.figures import in_states
from schemas.ledger import TROUBLED, Letter
from schemas.moment import now
from schemas.process import MACHINES, QUESTION, TRAJECTORY
from schemas.received import Received, unread
from schemas.rules import Machine, Role
from schemas.subjects import Question, Trajectory
from schemas.written import among

Condition = ColumnElement[bool]
MENDERS = {Role.COORDINATOR, Role.ADMIN}
LIVE = [name for name, state in TRAJECTORY.states.items() if not state.end]
SHOWN = [name for name in QUESTION.states if name not in ("draft", "discarded")]
OPEN = [name for name in SHOWN if name not in QUESTION.ends | {"answered"}]
# Elsewhere a reminder that has gone out does not mean that somebody is late.
LATE = ("submitted", "screening", "unclear", "triage", "matching")
LATE_ATTEMPT = ("offered", "placing", "agreeing", "delivered")
MOST = 1_000  # trajectories that are looked at for one reason
STALLED = timedelta(days=31)


class Range(NamedTuple):
    """Trajectories in a range of an index, and the order in which it is read."""

    which: Condition
    down: bool = False  # from high to low
    by: Any = Trajectory.question_id

    def first(self, *own: Condition) -> Select[Any]:
        """The questions of the first of these, or of those that are somebody's own: nobody comes to the end of MOST."""
        keys = [col(one) for one in (self.by, Trajectory.question_id)]
        query = select(Trajectory.question_id).where(self.which, *own)
        return select(query.order_by(*(one.desc() if self.down else one for one in keys)).limit(MOST).subquery())

    def beyond(self, *own: Condition) -> Select[Any]:
        """One row when there are more of these than are looked at."""
        return select(Trajectory.question_id).where(self.which, *own).offset(MOST).limit(1)


@dataclass(frozen=True)
class Reason:
    """Why a question is in a view: what holds of itself, or of one of its trajectories.

    `name` is the key of the sentence that says so. Parts about a trajectory look, for an institution, at its own only.
    """

    name: str = ""
    states: tuple[str, ...] = ()  # of the question; each is a range of an index
    also: Callable[[date], Condition] = lambda _: true()
    attempt: Callable[[date], Sequence[Range]] | None = None
    letters: bool = False  # only for those who see to the mail
    answers: bool = False  # the same
    institution: bool = True  # holds for an institution's side too
    city: bool = True


def _silent(machine: str, state: str) -> int:
    """After which of the clock's terms the coordinator has been told that the owner says nothing."""
    rows = MACHINES[machine].states[state].due
    told = [
        n for n, row in enumerate(rows) if row.tell and row.tell.letter == "overdue" and Role.COORDINATOR in row.tell.to
    ]
    return told[0]


def _declined_twice(_: date) -> Condition:
    return col(Question.declined) > literal_column("1")  # written out: the index holds these alone


def _told(state: str, beyond: int) -> Range:
    """In a state in which more of the clock's terms have ended than this many."""
    return Range(and_(col(Trajectory.state) == state, col(Trajectory.due_n) > beyond), down=True, by=Trajectory.due_n)


def _silent_attempt(_: date) -> Sequence[Range]:
    return [_told(one, _silent("trajectory", one)) for one in ("agreeing", "delivered")]


def _runs_since(day: date) -> Range:
    return Range(and_(col(Trajectory.state) == "running", col(Trajectory.ends_on) < day), by=Trajectory.ends_on)


def _late_attempt(today: date) -> Sequence[Range]:
    ended = and_(col(Trajectory.state).in_(LATE_ATTEMPT), col(Trajectory.due_at) <= now())
    passed = Range(ended, by=Trajectory.due_at)
    return [*(_told(one, 0) for one in LATE_ATTEMPT), passed, _runs_since(today)]


def _at_risk(_: date) -> Sequence[Range]:
    return [Range(and_(col(Trajectory.at_risk).is_(True), col(Trajectory.state) == "running"))]


def _offered(_: date) -> Sequence[Range]:
    return [Range(col(Trajectory.state) == "offered")]


# fmt: off
VIEWS: Mapping[str, tuple[Reason, ...]] = {
    "mine":     (),  # what the process table asks of the reader: see `branches`
    "new":      (Reason("new", ("submitted", "screening"), institution=False),
                 Reason("answered", answers=True),
                 Reason("offered", attempt=_offered, city=False)),
    "others":   (),
    "late":     (Reason("late", LATE, lambda _: col(Question.due_n) > 0, institution=False),
                 Reason("late", LATE, lambda _: col(Question.due_at) <= now(), institution=False),
                 Reason("late", attempt=_late_attempt)),
    "risk":     (Reason("at_risk", attempt=_at_risk),
                 Reason("stalled", attempt=lambda today: [_runs_since(today - STALLED)]),
                 Reason("declined_twice", ("matching",), _declined_twice, institution=False),
                 Reason("silent", ("submitted",), lambda _: col(Question.due_n) > _silent("question", "submitted"),
                        institution=False),
                 Reason("silent", attempt=_silent_attempt),
                 Reason("undelivered", letters=True)),
    "hold":     (Reason("hold", ("on_hold",)),),
    "open":     (Reason("", tuple(OPEN)),),
    "underway": (Reason("", ("underway",)),),
    "answered": (Reason("", ("answered",)),),
    "all":      (Reason("", tuple(SHOWN)),),
}
# fmt: on


def branches(view: str, reader: Reader, today: date) -> list[Condition]:
    """A view as the conditions of which a question must meet one, as this reader may see it."""
    if view == "mine":
        attempts = [select(Trajectory.question_id).where(one) for one in mine_of(TRAJECTORY, reader)]
        return [*mine_of(QUESTION, reader), *(col(Question.id).in_(one) for one in attempts)]
    if view == "others":
        return list(_others(reader))
    return [one for reason in VIEWS[view] for one in of_reason(reason, reader, today)]


def apart(view: str, reader: Reader) -> bool:
    """Whether no question can be in two branches of a view: each of them is another state."""
    states = [state for reason in VIEWS[view] for state in reason.states]
    plain = not any(reason.attempt or reason.letters or reason.answers for reason in VIEWS[view])
    return reader.sees_all and view != "mine" and plain and len(states) == len(set(states))


def of_reason(reason: Reason, reader: Reader, today: date) -> Iterator[Condition]:
    """One reason as conditions, for the sides that the reader is on."""
    if reason.letters:
        if reader.roles & MENDERS:
            yield col(Question.id).in_(select(Letter.question_id).where(in_states(*TROUBLED)))
    elif reason.answers:
        if reader.roles & MENDERS:
            yield col(Question.id).in_(select(Received.question_id).where(unread()))
    elif reason.attempt is not None:
        for own in sides(reason, reader):
            yield col(Question.id).in_(union_all(*(one.first(*own) for one in reason.attempt(today))))
    else:
        yield from _by_state(reason, reader, today)


def sides(reason: Reason, reader: Reader) -> Iterator[Sequence[Condition]]:
    """What narrows down the trajectories that a reason looks at: each way in which some are the reader's."""
    if reader.sees_all:
        yield from [()] if reason.city else []
        return
    yield from ([col(Trajectory.question_id).in_(one)] for one in of_own(reader) if reason.city)
    yield from ([one] for one in through(reader) if reason.institution)


def _by_state(reason: Reason, reader: Reader, today: date) -> Iterator[Condition]:
    if reader.sees_all:
        yield from (and_(col(Question.state) == state, reason.also(today)) for state in reason.states)
        return
    sets = [*of_own(reader)]
    sets += [select(Trajectory.question_id).where(one) for one in through(reader)] if reason.institution else []
    partner_of = reader.organisations(Role.PARTNER)
    sets += [select(Question.id).where(col(Question.target_id).in_(partner_of))] if partner_of else []
    for one in sets:
        yield and_(col(Question.id).in_(one), among(col(Question.state), reason.states), reason.also(today))


def mine_of(machine: Machine, reader: Reader) -> list[Condition]:
    """The questions, or the trajectories, of which the next step is the reader's."""
    return [one for conditions in waiting(machine, reader).values() for one in conditions]


def _others(reader: Reader) -> Iterator[Condition]:
    """Open, and the next step is somebody else's."""
    own, through_me = waiting(QUESTION, reader), mine_of(TRAJECTORY, reader)
    # Looked up once, each by its own index: asked of every question anew, a database reads all trajectories instead.
    attempts = union_all(*(select(Trajectory.question_id).where(one) for one in through_me or [false()])).cte()
    elsewhere = col(Question.id).not_in(select(attempts.c.question_id))
    # Of a state that is wholly the reader's nothing is left.
    states = [one for one in OPEN if not any(mine.compare(col(Question.state) == one) for mine in own.get(one, []))]
    # On the city's side each state is a range of an index; of what somebody sees by themselves all are read together.
    for part in [(one,) for one in states] if reader.sees_all else [tuple(states)]:
        mine = [one for state in part for one in own.get(state, [])]
        for seen in _by_state(Reason("others", part), reader, date.min):
            yield and_(seen, ~or_(false(), *mine), elsewhere)

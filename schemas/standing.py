"""Where a question stands, in one sentence: who acts now, what they do, by when."""

from dataclasses import dataclass
from datetime import date

from schemas.case import Case
from schemas.process import TRAJECTORY
from schemas.subjects import Subject, Trajectory
from schemas.words import word


@dataclass(frozen=True)
class Standing:
    """`who` and `what` in the reader's language; `by` is None when no day has been set."""

    state: str
    who: str
    what: str
    by: date | None

    def as_facts(self) -> dict[str, str | None]:
        return {"who": self.who, "what": self.what, "by": self.by.isoformat() if self.by else None}


def leading(case: Case) -> Subject:
    """The subject that says most: while the question is with education, its furthest open trajectory."""
    if case.question.state not in ("underway", "matching"):
        return case.question
    order = list(TRAJECTORY.states)
    live = [one for one in case.trajectories if one.state not in TRAJECTORY.ends]
    return max(live, key=lambda one: order.index(one.state), default=case.question)


def standing(case: Case, language: str) -> Standing:
    """The standing of the case's own subject; of a question with education at work, that of its leading trajectory."""
    subject = leading(case) if case.subject is case.question else case.subject
    state = subject.state
    own = case.at(subject)
    return Standing(state, word(language, f"states.{state}.who"), word(language, f"states.{state}.what"), _by(own))


def _by(case: Case) -> date | None:
    subject = case.subject
    if isinstance(subject, Trajectory) and subject.state == "running":
        extra = case.timing.extra
        return case.days_of("running").add_working_days(subject.ends_on, extra) if subject.ends_on else None
    if case.machine.states[subject.state].end or subject.state in ("answered", "draft"):
        return None
    if subject.state == "on_hold":
        return case.question.until
    at = case.term(subject.state, 0)
    return case.day(at) if at else None

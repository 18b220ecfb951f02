"""Where a question stands, in plain words: who acts now, what they do, by when, and what comes after that."""

from dataclasses import dataclass
from datetime import date

from schemas.case import Case
from schemas.guards import holds
from schemas.process import TRAJECTORY
from schemas.subjects import Subject, Trajectory
from schemas.words import word, words


@dataclass(frozen=True)
class Standing:
    """In the reader's language; `who` is empty where nobody acts any more, `by` None when no day has been set."""

    state: str
    who: str
    what: str
    by: date | None
    next: str

    @property
    def sentence(self) -> str:
        """Who does what, without the full stop."""
        said = f"{self.who} {self.what}".strip()
        return said[:1].upper() + said[1:]

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
    own = case.at(subject)
    if subject is case.question and subject.state in ("triage", "matching") and case.open_parts:
        days = [day for one in case.open_parts if (day := _by(case.at(one)))]
        said = words(language)["parts"]
        return Standing(subject.state, said["who"], said["what"], min(days, default=None), said["next"])
    who, what = _said(own, language)
    return Standing(subject.state, who, what, _by(own), word(language, f"states.{subject.state}.next"))


def stalled(case: Case) -> bool:
    """Whether the subject has run so far past its end that the table calls it stalled."""
    rows = [row for row in case.due(case.subject.state) if row.flag]
    return any((day := case.day(row.at)) is not None and day <= case.today for row in rows)


def expected(case: Case) -> bool:
    """Whether anything is asked of anybody in the subject's state."""
    row = case.machine.states[case.subject.state]
    return bool(row.asks) and holds(row.asks_when, case, {})


def _said(case: Case, language: str) -> tuple[str, str]:
    """Who and what; in some states there are other words once what was asked is done, or until it is."""
    state, row = case.subject.state, case.machine.states[case.subject.state]
    told = words(language)["states"][state]
    if expected(case) and "asked" in told:
        return str(told["asked"]["who"]), str(told["asked"]["what"])
    if row.end and not expected(case):
        return "", str(told.get("rested") or told["what"])
    return str(told["who"]), str(told["what"])


def _by(case: Case) -> date | None:
    subject, row = case.subject, case.machine.states[case.subject.state]
    if isinstance(subject, Trajectory) and subject.state == "running":
        extra = case.timing.extra
        return case.days_of("running").add_working_days(subject.ends_on, extra) if subject.ends_on else None
    if subject.state in ("answered", "draft") or (row.end and not expected(case)):
        return None
    if subject.state == "on_hold":
        return case.question.until
    # Reminders come first, but who was asked to answer by a day has until that day.
    at = case.term(subject.state, -1 if case.timing.by else 0)
    return case.day(at) if at else None

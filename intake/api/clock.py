"""Where a clock stands and why: every term of the present state with the days that lead to it."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from schemas.case import Case
from schemas.explain import Day, Term, terms_of


class ClockDay(BaseModel):
    """One day after the term began. `number`: the how manieth that counts, null when it does not."""

    date: date
    counts: bool
    number: int | None
    why: str | None = Field(
        description="weekend, holiday (public), holidays (school), closed, exams or suspended; null when it counts."
    )
    name: str | None = Field(description="What that holiday or closure is called.")


class ClockTerm(BaseModel):
    """One thing that the clock does here."""

    rule: str = Field(description="As the process has it: `5 wd` is five working days.")
    does: str = Field(description="The step that is taken, or the letter that is sent.")
    to: list[str] = Field(description="The roles that are written to.")
    begins: date
    ends: date
    at: datetime
    extra: int = Field(description="Working days added by an extension.")
    done: bool
    next: bool
    idle: bool = Field(description="No longer needed: nothing will happen.")
    days: list[ClockDay]


class Clock(BaseModel):
    """The clock of a question or trajectory. `due_at` is when it looks again."""

    ref: str
    state: str
    since: datetime
    began: date | None = Field(description="The first day of a clock that stood still and went on; else null.")
    suspended_until: date | None
    due_at: datetime | None
    process: str = Field(description="The version of the process that this runs under.")
    current: bool = Field(description="Whether that is the version for new questions.")
    terms: list[ClockTerm]


def clock_of(case: Case, language: str) -> Clock:
    """The clock of the case's subject."""
    subject, timing = case.subject, case.timing
    return Clock(
        ref=subject.ref or "", state=subject.state, since=subject.since, began=timing.began,
        suspended_until=timing.until, due_at=subject.due_at, process=case.process.id,
        current=case.process.id == case.cooperation.process_id,
        terms=[_term(one, language) for one in terms_of(case)],
    )  # fmt: skip


def _term(one: Term, language: str) -> ClockTerm:
    tell = one.row.tell
    return ClockTerm(
        rule=one.row.at, does=one.row.take or (tell.letter if tell else ""), to=list(tell.to) if tell else [],
        begins=one.begins, ends=one.ends, at=one.at, extra=one.extra, done=one.done, next=one.next, idle=one.idle,
        days=[_day(day, language) for day in one.days],
    )  # fmt: skip


def _day(one: Day, language: str) -> ClockDay:
    rest = one.rest
    name = (rest.name_en if language == "en" and rest.name_en else rest.name) or None if rest else None
    return ClockDay(date=one.day, counts=rest is None, number=one.number, why=rest.why if rest else None, name=name)

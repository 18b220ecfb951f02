"""The shapes of the API's answers. Names are English; docs/api.md has each in Dutch."""

from datetime import date, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, Field

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """Part of a list. `next` is the address of what follows, or null at the end."""

    items: list[Item]
    total: int
    next: str | None


class Person(BaseModel):
    """Somebody who acts or is written to."""

    name: str
    email: str


class Now(BaseModel):
    """Who acts now, what they do, and by when if a day is set."""

    who: str
    what: str
    by: date | None
    next: str | None = Field(default=None, description="What comes after that.")


class LetterAhead(BaseModel):
    """A letter that a step would send. `recipient` is null where it depends on what is filled in.

    `when` names a condition on what is filled in. `also`: letters that this one says too, for one person gets one.
    """

    letter: str
    role: str
    recipient: str | None
    name: str | None
    when: str | None = None
    also: list[str] = []


class OpenStep(BaseModel):
    """A step that the reader may take now. `needs` is a JSON Schema."""

    name: str
    label: str
    hint: str
    needs: dict[str, Any]
    letters: list[LetterAhead]


class Attempt(BaseModel):
    """A trajectory in short."""

    ref: str
    state: str
    institution: str
    offering: str | None
    term: str | None
    starts_on: date | None
    ends_on: date | None
    stalled: bool = Field(default=False, description="It has run past its end for so long that the desk is told.")


class QuestionRow(BaseModel):
    """A question in a list."""

    ref: str
    state: str
    title: str
    city: str
    department: str
    challenge: str
    submitter: Person
    owner: Person
    needed_by: date | None
    created_at: datetime
    since: datetime = Field(description="When it entered this state.")
    now: Now
    trajectories: list[Attempt]


class Questions(Page[QuestionRow]):
    """Part of a list of questions.

    `cut`: there is more than was looked at, of questions with these words, or of trajectories for one reason of a view.
    """

    cut: bool


class Voted(BaseModel):
    """One member's vote in the present round."""

    person: Person
    vote: str
    reason: str
    at: datetime


class Question(QuestionRow):
    """A question as a whole. `advice` and `votes` only for those who work with the committee."""

    situation: str
    wanted: str
    use: str
    deputy: Person
    confidential: str
    time_available: str
    manager_agrees: bool
    language: str
    known: str | None
    product: str | None
    place: str | None
    links: list[str]
    answers: list[str] = Field(description="What was answered when more was asked.")
    owner_confirmed: bool
    route: str | None
    until: date | None
    target: str | None
    picked_up: bool
    merged_into: str | None
    part_of: str | None
    parts: list[str] = Field(description="The questions that this one was split into.")
    lead: str | None = Field(description="The institution that leads a question in parts.")
    manager: Person | None
    round: int
    advice: dict[str, Any] | None
    votes: list[Voted] | None
    steps: list[OpenStep]


class Trajectory(Attempt):
    """One attempt to answer a question."""

    question: str
    title: str
    since: datetime
    now: Now
    message: str
    relay_from: str | None
    earlier: dict[str, Any] = Field(description="The result of `relay_from`, on which this trajectory goes on.")
    lecturer: Person | None
    student_contact: Person | None
    students_expected: int | None
    agreement: dict[str, Any]
    agreed_by: list[str]
    midterm: dict[str, Any]
    result: dict[str, Any]
    acceptance: dict[str, Any]
    clearances: dict[str, Any]
    published_on: date | None
    created_at: datetime
    steps: list[OpenStep]


class Started(BaseModel):
    """What came into being, and its state."""

    ref: str
    state: str


class FaultTold(BaseModel):
    """One thing wrong with one field."""

    field: str
    code: str
    message: str


class Problem(BaseModel):
    """RFC 9457. `faults` with a 400; `state`, `state_label` and `now` when a step came too late."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    faults: list[FaultTold] | None = None
    step: str | None = None
    state: str | None = None
    state_label: str | None = None
    now: Now | None = None

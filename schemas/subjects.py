"""The two subjects that move through the process, and the votes on them."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.moment import now
from schemas.sparse import sparse


class Question(SQLModel, table=True):
    """A municipal question: it has an owner and lives for years. `form` is what the submitter filled in."""

    remembered: ClassVar[bool] = True

    __table_args__ = (
        sparse("ix_question_due", "due_at"),
        Index("ix_question_state", "state", "id"),
        Index("ix_question_process", "process_id", "state"),
        Index("ix_question_owner", "owner_id"),
        Index("ix_question_submitter", "submitter_id"),
        Index("ix_question_deputy", "deputy_id"),
        sparse("ix_question_manager", "manager_id"),
        sparse("ix_question_lead", "lead_id"),
        sparse("ix_question_target", "target_id"),
        # The desk walks these: one state in one order, from any place in it.
        Index("ix_question_by_due", "state", "due_at", "id"),
        Index("ix_question_by_since", "state", "since", "id"),
        Index("ix_question_by_title", "state", "title", "id"),
        Index("ix_question_by_ref", "state", "ref", "id"),
        Index("ix_question_late", "state", "due_n", "id"),
        sparse("ix_question_merged", "merged_into_id"),
        sparse("ix_question_part", "part_of_id"),
        Index("ix_question_hand_in", "state", "hand_in_by", "id"),
        sparse("ix_question_look", "look_at"),
        sparse("ix_question_declined", "state", "id", only="declined > 1"),
        Index("ix_question_search", "search", postgresql_using="gin",
              postgresql_ops={"search": "gin_trgm_ops"}).ddl_if(dialect="postgresql"),  # SQLite: schemas/searching.py
    )  # fmt: skip

    id: int = Field(default=None, primary_key=True)
    ref: str | None = Field(default=None, unique=True)
    city_id: str | None = Field(default=None, foreign_key="organisation.id")
    state: str = "draft"
    version: int = 0
    since: datetime = Field(default_factory=now)
    due_at: datetime | None = None
    due_n: int = 0  # which Due of the state comes next
    clock: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # a schemas.timing.Timing
    process_id: str | None = Field(default=None, foreign_key="processversion.id")
    language: str = "nl"
    title: str = ""
    form: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    search: str = ""  # title, texts and reference in lower case
    submitter_id: int | None = Field(default=None, foreign_key="person.id")
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    old_owner_id: int | None = Field(default=None, foreign_key="person.id")
    deputy_id: int | None = Field(default=None, foreign_key="person.id")
    challenge: str = ""  # of the form
    manager_id: int | None = Field(default=None, foreign_key="person.id")
    owner_confirmed: bool = False
    until: date | None = None
    back_to: str | None = None
    advice: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    route: str | None = None
    round: int = 0  # how often it came before the committee
    target_id: str | None = Field(default=None, foreign_key="organisation.id")
    picked_up: bool = False
    declined: int = 0  # how often an institution has declined it
    hand_in_by: date | None = None  # the next day to hand in somewhere that fits, as it was last worked out
    look_at: datetime | None = None  # when that is worked out again
    reported: int = 0  # up to which of the clock's questions in this state has been answered
    merged_into_id: int | None = Field(default=None, foreign_key="question.id")
    part_of_id: int | None = Field(default=None, foreign_key="question.id")
    lead_id: str | None = Field(default=None, foreign_key="organisation.id")  # who leads a question in parts
    import_mark: str | None = Field(default=None, unique=True)  # which row of which file it came from
    created_at: datetime = Field(default_factory=now)


class Trajectory(SQLModel, table=True):
    """One attempt to answer a question: one offer to one institution, placed in one offering in one term."""

    remembered: ClassVar[bool] = True

    __table_args__ = (
        sparse("ix_trajectory_due", "due_at"),
        Index("ix_trajectory_question", "question_id"),
        Index("ix_trajectory_process", "process_id", "state"),
        Index("ix_trajectory_institution", "institution_id", "state"),
        sparse("ix_trajectory_lecturer", "lecturer_id"),
        sparse("ix_trajectory_student", "student_contact_id"),
        Index("ix_trajectory_house", "institution_id", "state", "question_id"),
        Index("ix_trajectory_late", "state", "due_n", "question_id"),
        Index("ix_trajectory_end", "state", "ends_on", "question_id"),
        Index("ix_trajectory_risk", "at_risk", "state", "question_id"),
        sparse("ix_trajectory_published", "published_on", "id"),
        Index("ix_trajectory_seat", "term_id", "offering_id", "state"),  # seats are counted, not stored
    )

    id: int = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)
    question_id: int = Field(foreign_key="question.id")
    state: str = "@new"
    version: int = 0
    since: datetime = Field(default_factory=now)
    due_at: datetime | None = None
    due_n: int = 0
    clock: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    process_id: str | None = Field(default=None, foreign_key="processversion.id")
    institution_id: str = Field(foreign_key="organisation.id")
    offering_id: str | None = Field(default=None, foreign_key="offering.id")
    term_id: str | None = Field(default=None, foreign_key="period.id")
    starts_on: date | None = None
    ends_on: date | None = None
    message: str = ""
    lecturer_id: int | None = Field(default=None, foreign_key="person.id")
    student_contact_id: int | None = Field(default=None, foreign_key="person.id")
    relay_from_id: int | None = Field(default=None, foreign_key="trajectory.id")
    students_expected: int | None = None
    agreement: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    agreed_by: list[str] = Field(default_factory=list, sa_type=JSON)
    midterm: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # role → progress and note
    at_risk: bool = False  # what the last of those reports said
    result: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    acceptance: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    clearances: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # role → clearance, embargo
    published_on: date | None = None
    created_at: datetime = Field(default_factory=now)

    @property
    def personal_data(self) -> bool:
        """Whether the students worked with personal data: then the privacy officer is asked too."""
        return bool(self.agreement.get("privacy") == "with_agreement")

    @property
    def embargo(self) -> date | None:
        """The day from which the result may be public, where somebody asked for one."""
        asked = [one["embargo_until"] for one in self.clearances.values() if one.get("embargo_until")]
        return date.fromisoformat(max(asked)) if asked else None


Subject = Question | Trajectory


def apart(subject: Subject, **changes: Any) -> Any:
    """A copy to think with: nothing that is done to it reaches the database."""
    # `model_copy` would share SQLAlchemy's record of changes with the original, which would then be written.
    return type(subject)(**{**subject.model_dump(), **changes})


def open_on(attempt: Trajectory) -> date | None:
    """The day from which a published result may be read: the latest embargo, or the day it was published."""
    embargoes = [one.get("embargo_until") for one in attempt.clearances.values() if one.get("embargo_until")]
    return (
        max([attempt.published_on, *(date.fromisoformat(one) for one in embargoes)]) if attempt.published_on else None
    )


def handed_on(attempt: Trajectory) -> dict[str, Any]:
    """What of a result goes to those who build on it: no more than its parties agreed to let others read."""
    agreed = attempt.agreement.get("confidentiality", "open")
    if agreed == "open":
        return attempt.result
    return {key: value for key, value in attempt.result.items() if key == "summary" and agreed == "summary_only"}


class Vote(SQLModel, table=True):
    """One member's vote in one round; a later vote of the same member in the same round replaces it."""

    __table_args__ = (UniqueConstraint("question_id", "round", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id", index=True)
    round: int
    person_id: int = Field(foreign_key="person.id")
    vote: str
    reason: str = ""
    needs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(default_factory=now)
    recorded_by_id: int | None = Field(default=None, foreign_key="person.id")  # who wrote it down in a meeting

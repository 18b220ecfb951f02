"""Meetings of the committee, and what was decided: one row per round of a question, in a meeting or by mail."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ColumnElement, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col

from schemas.moment import now


class Meeting(SQLModel, table=True):
    """One meeting. `uid` and `sequence` are what calendars know it by; `pack_at` is None when no pack is due any more.

    `pack` and `decisions` hold what was mailed, by language, as it was then.
    """

    __table_args__ = (Index("ix_meeting_pack", "pack_at"), Index("ix_meeting_begins", "begins_at"))

    id: int = Field(default=None, primary_key=True)
    uid: str = Field(unique=True)
    sequence: int = 0
    begins_at: datetime
    ends_at: datetime
    place: str = ""
    link: str = ""
    present: list[int] = Field(default_factory=list, sa_type=JSON)  # the members whose seats are taken
    pack_at: datetime | None = None
    pack_sent_at: datetime | None = None
    pack: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    decisions: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    cancelled_at: datetime | None = None
    closed_at: datetime | None = None
    made_by_id: int = Field(foreign_key="person.id")
    created_at: datetime = Field(default_factory=now)

    @property
    def open(self) -> bool:
        return self.cancelled_at is None and self.closed_at is None


class Decision(SQLModel, table=True):
    """How one round of a question ended, with the votes as they were. The database allows one per round."""

    __table_args__ = (UniqueConstraint("question_id", "round"), Index("ix_decision_at", "at"))

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    round: int
    entry_id: int = Field(foreign_key="entry.id")
    step: str
    how: str  # the step that settled it: vote, decide_in_meeting, close_vote; empty: the coordinator's mandate
    by_default: bool = False  # what the city agreed on for a vote that decides nothing
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)
    members: int = 0
    votes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)  # person, vote, reason
    at: datetime = Field(default_factory=now)

    @property
    def against(self) -> list[dict[str, Any]]:
        """The minority: whoever voted for something else than what was decided."""
        return [one for one in self.votes if one["vote"] not in (self.step, "abstain", "conflict")]

    def count(self, vote: str) -> int:
        return sum(one["vote"] == vote for one in self.votes)


def pack_due(at: Any) -> ColumnElement[bool]:
    """The condition that the pack of a meeting must go out."""
    condition: ColumnElement[bool] = col(Meeting.pack_at) <= at
    return condition


def on_day(meeting: Meeting, timezone: str) -> date:
    """The day of a meeting on the wall there."""
    return meeting.begins_at.astimezone(ZoneInfo(timezone)).date()

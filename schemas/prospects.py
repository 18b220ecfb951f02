"""What a question can reach: the offerings that fit best, each with its next hand-in day. Worked out by matching.

Kept so that lists can be asked for it and so that letters about a hand-in day leave in time; it may be a few days
behind, so who acts on it looks again.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Index, UniqueConstraint, update
from sqlmodel import Field, SQLModel, col
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.clock import Calendar
from schemas.moment import now
from schemas.subjects import Question

WEEKS = (8, 4, 1)  # so long before a hand-in day its letters leave
LATE = timedelta(days=6)  # a letter later than this is not caught up


class Prospect(SQLModel, table=True):
    """One edition that a question can be handed in for. `tell_at`: when the next letter about its day is due."""

    __table_args__ = (
        UniqueConstraint("question_id", "offering_id", "term_id"),
        Index("ix_prospect_tell", "tell_at"),
        Index("ix_prospect_term", "term_id", "question_id"),
        Index("ix_prospect_house", "institution_id", "question_id"),
    )

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    institution_id: str = Field(foreign_key="organisation.id")
    offering_id: str = Field(foreign_key="offering.id")
    term_id: str  # no key, because a period may leave the calendar
    hand_in_by: date
    score: float
    tell_at: datetime | None = None


class HandInTold(SQLModel, table=True):
    """The letters so many weeks before a hand-in day have been owed for this question and term: once."""

    __table_args__ = (UniqueConstraint("question_id", "term_id", "weeks"),)

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    term_id: str
    weeks: int
    at: datetime = Field(default_factory=now)


def stage(hand_in_by: date, today: date) -> int | None:
    """How many weeks before, of those of WEEKS, this day belongs to; None on days between."""
    ahead = hand_in_by - today
    return next((n for n in WEEKS if timedelta(weeks=n) - LATE <= ahead <= timedelta(weeks=n)), None)


def next_letter(hand_in_by: date, today: date, calendar: Calendar, told: Iterable[int] = ()) -> datetime | None:
    """When the next letter about a hand-in day is due: this morning's too, if it has not been told."""
    days = [hand_in_by - timedelta(weeks=n) for n in WEEKS if n not in set(told)]
    day = next((one for one in days if one >= today - LATE), None)
    return calendar.morning(day) if day else None


def to_tell(at: Any) -> ColumnElement[bool]:
    """The condition that a letter about a hand-in day is due."""
    condition: ColumnElement[bool] = col(Prospect.tell_at) <= at
    return condition


def to_look_at(at: Any) -> ColumnElement[bool]:
    """The condition that what a question can reach must be worked out again."""
    condition: ColumnElement[bool] = col(Question.look_at) <= at
    return condition


async def look_again(session: AsyncSession) -> None:
    """The supply or the calendar has changed: what every question can reach is worked out again, soon."""
    at = now()
    later = update(Question).where(col(Question.look_at) > at).values(look_at=at)
    await session.exec(later.execution_options(synchronize_session=False))

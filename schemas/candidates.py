"""Who is asked to take a question on: candidates in an order, kept until each has had its turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.clock import Calendar
from schemas.parties import Offering, Period
from schemas.subjects import Question, Trajectory
from schemas.supply import OfferLimit, edition_of, offers_open, seats_left

HAND_IN_WEEKS = 10  # where an offering does not say how long before its start a question must be there


class Candidate(SQLModel, table=True):
    """One offering in the order. What became of it is the state of its trajectory; without one it waits its turn.

    `round`: of the question; a question that came before the committee again begins anew.
    """

    __table_args__ = (UniqueConstraint("question_id", "rank"), Index("ix_candidate_trajectory", "trajectory_id"))

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    round: int = 0
    rank: int
    institution_id: str = Field(foreign_key="organisation.id")
    offering_id: str = Field(foreign_key="offering.id")
    term_id: str | None = None  # aimed at; no key, because a period may leave the calendar
    answer_days: int | None = None  # working days; None: as long as the process gives
    message: str = ""
    others: bool = True  # asked at once: when one says yes the others hear that it is settled
    by_itself: bool = False  # asked without the coordinator when the one before says no
    dropped: bool = False  # another order took its place
    trajectory_id: int | None = Field(default=None, foreign_key="trajectory.id")


@dataclass(frozen=True)
class Room:
    """Whether a candidate can be asked now. `why` not: not_offered, missed, closed, full, at_limit; empty: it can.

    `hand_in_by`: the last day for the term aimed at, where one is.
    """

    why: str = ""
    hand_in_by: date | None = None


async def candidates_of(session: AsyncSession, question: Question) -> Sequence[Candidate]:
    """The order that holds now, first to last."""
    query = select(Candidate).where(
        Candidate.question_id == question.id, Candidate.round == question.round, col(Candidate.dropped).is_(False)
    )
    return (await session.exec(query.order_by(col(Candidate.rank)))).all()


async def waiting(session: AsyncSession, question: Question) -> list[Candidate]:
    """Those who have not had their turn."""
    return [one for one in await candidates_of(session, question) if one.trajectory_id is None]


async def asked_with(session: AsyncSession, attempt: Trajectory) -> list[Trajectory]:
    """The offers that end when this one is taken on: asked at once with it, and still without an answer."""
    mine = (await session.exec(select(Candidate).where(Candidate.trajectory_id == attempt.id))).first()
    if mine is None or not mine.others:
        return []
    here = select(Candidate.trajectory_id).where(
        Candidate.question_id == mine.question_id, Candidate.round == mine.round, col(Candidate.others).is_(True)
    )
    query = select(Trajectory).where(col(Trajectory.id).in_(here), Trajectory.id != attempt.id)
    return list(await session.exec(query.where(Trajectory.state == "offered").order_by(col(Trajectory.id))))


async def room_for(session: AsyncSession, one: Candidate, today: date, *, hold: bool = False) -> Room:
    """Whether a candidate can be asked today. `hold`: nobody else takes its place before this transaction ends."""
    offering = await session.get(Offering, one.offering_id)
    if offering is None or not offering.offered:
        return Room("not_offered")
    limit = select(OfferLimit).where(OfferLimit.institution_id == one.institution_id)
    most = (await session.exec(limit.with_for_update() if hold else limit)).first()
    full = most is not None and await offers_open(session, one.institution_id) >= most.most
    term = await session.get(Period, one.term_id) if one.term_id else None
    if term is None:
        return Room("at_limit" if full else "")
    edition = await edition_of(session, offering.id, term.id)
    by = (edition.hand_in_by if edition else None) or usual_day(offering, term)
    left = await seats_left(session, offering, term)
    closed = edition is not None and not edition.open
    states = {"missed": by < today, "closed": closed, "full": left is not None and left <= 0, "at_limit": full}
    return Room(next((name for name, holds in states.items() if holds), ""), by)


def usual_day(offering: Offering, term: Period) -> date:
    """The last day to hand in for an edition of which nobody has said another."""
    return term.starts_on - timedelta(weeks=int(offering.data.get("hand_in_weeks", HAND_IN_WEEKS)))


def answer_day(calendar: Calendar, today: date, days: int, hand_in_by: date | None, ahead: int) -> date:
    """By when to answer: after so many working days, but so that `ahead` of them are left before the hand-in day.

    Where no day is left for that, the first working day is what there is.
    """
    asked = calendar.add_working_days(today, max(days, 1))
    if hand_in_by is None:
        return asked
    return max(min(asked, calendar.add_working_days(hand_in_by, -ahead)), calendar.add_working_days(today, 1))

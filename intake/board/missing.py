"""One sentence on top of the board: which questions miss their hand-in day unless something happens before when."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.walking import MANY
from schemas.asking_around import AHEAD
from schemas.case import calendar_of, cooperation_of
from schemas.clock import Calendar, parse
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Cooperation, Organisation, Period
from schemas.process import TRAJECTORY
from schemas.prospects import Prospect
from schemas.subjects import Question, Trajectory
from schemas.versions import known


@dataclass(frozen=True)
class Missing:
    """`count` questions without an offer miss the day `by` unless they are offered on `before` at the latest."""

    count: int
    by: date
    before: date
    terms: tuple[str, ...]
    late: bool


async def missing(session: AsyncSession, language: str) -> Missing | None:
    """About the first hand-in day ahead that a question with nothing on offer could still meet; None without any."""
    cooperation = await cooperation_of(session)
    calendar = await calendar_of(session, cooperation)
    today = calendar.local(now())
    live = select(Trajectory.id).where(
        Trajectory.question_id == Question.id, col(Trajectory.state).not_in(TRAJECTORY.ends)
    )
    here = (Question.state == "matching", ~live.exists())
    query = select(Question).where(*here, col(Question.hand_in_by) >= today).order_by(col(Question.hand_in_by))
    nearest = (await session.exec(query.limit(1))).first()
    by = nearest.hand_in_by if nearest else None
    if by is None:
        return None
    first = select(Question.id).where(*here, Question.hand_in_by == by).limit(MANY + 1)
    count = (await session.exec(select(func.count()).select_from(first.subquery()))).one()
    before = _before(calendar, cooperation, by)
    return Missing(count, by, before, await _terms(session, by, language), before < today)


def _before(calendar: Calendar, cooperation: Cooperation, by: date) -> date:
    """The last day to offer that leaves an institution the first term to answer in, and the first to find a place."""
    rules = known(None, cooperation.process_id, cooperation.data)
    terms = [rules.due("trajectory", state)[0].at for state in ("offered", AHEAD)]
    return calendar.add_working_days(by, -sum(parse(at)[1] for at in terms))


async def _terms(session: AsyncSession, by: date, language: str) -> tuple[str, ...]:
    here = select(Question.id).where(Question.state == "matching", Question.hand_in_by == by).limit(MANY)
    query = select(Prospect.term_id).where(Prospect.hand_in_by == by, col(Prospect.question_id).in_(here)).distinct()
    terms = list(await session.exec(query.limit(3)))
    rows = select(Period, Organisation).join(Organisation, col(Organisation.id) == Period.institution_id)
    found = await session.exec(rows.where(col(Period.id).in_(terms)).order_by(col(Period.id)))
    return tuple(f"{named(house, language)} {term.code}" for term, house in found)

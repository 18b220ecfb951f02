"""Letters 8, 4 and 1 weeks before a hand-in day, about what can still make it; what has passed is left alone."""

from datetime import date

from prefect import flow, task
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.telling import FLOW, SAFE, report
from flows.work import Work, at_work
from matching.prospects import UNPLACED, Supply
from matching.terms import Edition, editions
from schemas.case import Case, calendar_of, cooperation_of, open_case
from schemas.database import insert_once, writing
from schemas.hand_in_letters import Near, owe_near
from schemas.moment import now
from schemas.process import TRAJECTORY
from schemas.prospects import HandInTold, Prospect, next_letter, stage, to_tell
from schemas.subjects import Question

MOST = 500  # in one go, and so in one letter to each


@flow(name="hand_in", **FLOW)
async def hand_in() -> int:
    """Owe the letters of today; how many questions they are about. They go out with `deliver`."""
    async with at_work("hand_in") as work:
        await owe_letters(work)
        return await report(work)


@task(**SAFE)
async def owe_letters(work: Work) -> None:
    """Who was told what, the letters, and when the next are due: one transaction, all or nothing."""
    async with writing(work.engine) as session:
        today = (await calendar_of(session, await cooperation_of(session))).local(now())
        due = select(Prospect).where(to_tell(now())).order_by(col(Prospect.tell_at), col(Prospect.id)).limit(MOST)
        rows = list(await session.exec(due.with_for_update()))
        supply = await Supply.of(session, today) if rows else None
        found = [near for row in rows if supply and (near := await _near(session, row, supply))]
        count = await owe_near(session, found)
    for one in rows:
        work.note("", f"hand-in day {one.hand_in_by}")
    for near in found:
        work.note(near.case.question.ref or "", f"hand in by {near.prospect.hand_in_by}, {count} letters")


async def _near(session: AsyncSession, row: Prospect, supply: Supply) -> Near | None:
    """What a letter tells of this row, now that it is due; None when it cannot be met or was told already."""
    case = await open_case(session, await session.get_one(Question, row.question_id))
    weeks, edition = stage(row.hand_in_by, case.today), _edition(row, supply, case.today)
    told = [weeks] if weeks else []
    row.tell_at = next_letter(row.hand_in_by, case.today, case.calendar, told)
    if weeks is None or edition is None or not _sought(case):
        return None
    first = await insert_once(
        session, HandInTold, question_id=row.question_id, term_id=row.term_id, weeks=weeks, at=now()
    )
    return Near(case, row, edition.starts_on, edition.left) if first else None


def _edition(row: Prospect, supply: Supply, today: date) -> Edition | None:
    """The edition as it is now, if a question can still be handed in for it."""
    text = supply.by_id.get(row.offering_id)
    every = editions(text, supply.terms_of(text.institution)) if text else []
    return next((one for one in every if one.term == row.term_id and one.has_room and one.hand_in_by >= today), None)


def _sought(case: Case) -> bool:
    """Whether a place is still looked for: in matching, and nowhere further than an offer or a place being sought."""
    live = [one for one in case.trajectories if one.state not in TRAJECTORY.ends]
    return case.question.state == "matching" and all(one.state in UNPLACED for one in live)

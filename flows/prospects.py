"""What each question can reach, worked out when it changes, when the supply does, and when a hand-in day has passed."""

import logging

from prefect import flow, task
from sqlmodel import col, select

from flows.telling import FLOW, SAFE, report
from flows.work import Work, at_work
from matching.prospects import Supply, keep, work_out
from schemas.case import calendar_of, cooperation_of, lock, open_case
from schemas.database import reading, writing
from schemas.moment import now
from schemas.prospects import to_look_at
from schemas.subjects import Question

BATCH = 20
log = logging.getLogger(__name__)


@flow(name="prospects", **FLOW)
async def prospects() -> int:
    """See to every question that must be looked at again; how many."""
    async with at_work("prospects") as work:
        await look_again(work)
        return await report(work)


@task(**SAFE)
async def look_again(work: Work) -> None:
    """Batch by batch, those that wait longest first; the supply is read once for each batch."""
    passed_over = set[int]()  # faulty, or changed meanwhile: those must not keep the others waiting
    for _ in work.turns():
        async with reading(work.engine) as session:
            query = select(Question.id).where(to_look_at(now()), col(Question.id).not_in(passed_over))
            ids = list(await session.exec(query.order_by(col(Question.look_at)).limit(BATCH)))
            today = (await calendar_of(session, await cooperation_of(session))).local(now())
            supply = await Supply.of(session, today) if ids else None
        if supply is None:
            return
        for one in ids:
            if not work.hands.leaving.is_set() and not await _look(work, supply, one):
                passed_over.add(one)


async def _look(work: Work, supply: Supply, question_id: int) -> bool:
    """Worked out while others write, kept in a short transaction; not when the question has moved on in between."""
    try:
        async with reading(work.engine) as session:
            case = await open_case(session, await session.get_one(Question, question_id))
            rows, version = await work_out(case, supply), case.question.version
        async with writing(work.engine) as session:
            question = await session.get_one(Question, question_id)
            await lock(session, question_id)
            if question.version != version:
                return False
            await keep(await open_case(session, question), rows)
    except Exception:
        log.exception("what question %s can reach cannot be worked out", question_id)
        return False
    work.note(question.ref or "", "looked at")
    return True

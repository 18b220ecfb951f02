"""The clock's share: steps it takes and reminders it owes when a term has run out."""

import logging

from prefect import flow, task

from flows.telling import FLOW, SAFE, report
from flows.work import Work, at_work
from matching import letters as _letters  # noqa: F401 - registers what letters say about terms
from schemas.database import reading, writing
from schemas.due import due_ids, run_due
from schemas.incidents import failed
from schemas.moment import now
from schemas.steps import MovedOn
from schemas.subjects import Question, Subject, Trajectory

BATCH = 100
log = logging.getLogger(__name__)


@flow(name="deadlines", **FLOW)
async def deadlines() -> int:
    """Do what is due for questions and trajectories; how many."""
    async with at_work("deadlines") as work:
        await take_due_questions(work)
        await take_due_trajectories(work)
        return await report(work)


@task(**SAFE)
async def take_due_questions(work: Work) -> None:
    """Reminders, parking, waking, closing; drafts left for too long are discarded."""
    await _take_due(work, Question)


@task(**SAFE)
async def take_due_trajectories(work: Work) -> None:
    """Reminders, lapsing, starting, presumed acceptance."""
    await _take_due(work, Trajectory)


async def _take_due(work: Work, table: type[Subject]) -> None:
    passed_over = set[int]()  # taken by another just now, or faulty: those must not keep the others waiting
    for _ in work.turns():
        for subject_id in await _next(work, table, passed_over):
            if not work.hands.leaving.is_set() and not await _take_one(work, table, subject_id):
                passed_over.add(subject_id)


async def _next(work: Work, table: type[Subject], passed_over: set[int]) -> list[int]:
    async with reading(work.engine) as session:
        ids = await due_ids(session, table, now(), BATCH + len(passed_over))
    return [one for one in ids if one not in passed_over]


async def _take_one(work: Work, table: type[Subject], subject_id: int) -> bool:
    """One subject in a transaction of its own."""
    try:
        async with writing(work.engine) as session:
            what = await run_due(session, table, subject_id, now())
            subject: Question | Trajectory | None = await session.get(table, subject_id)
    except MovedOn:
        return False
    except Exception as error:
        log.exception("what is due for %s %s cannot be done", table.__name__, subject_id)
        await _keep(work, table, subject_id, error)
        return False
    if what and subject:
        work.note(subject.ref or f"draft {subject.id}", what)
    return what is not None


async def _keep(work: Work, table: type[Subject], subject_id: int, error: Exception) -> None:
    try:
        async with writing(work.engine) as session:
            await failed(session, table, subject_id, error, now())
    except Exception:
        log.exception("nor can it be noted: the database is away")

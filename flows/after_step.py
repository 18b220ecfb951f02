"""What follows from steps taken: their letters go out, and Prefect hears of them."""

import asyncio
import logging
import time
from contextlib import suppress

from prefect import flow, task
from sqlalchemy import exists
from sqlmodel import col, select

from flows.claims import Taken, claim_entries, stamp_followed, unfollowed
from flows.post import send
from flows.telling import FLOW, SAFE, TASK, announce, name_run, report
from flows.work import Work, at_work
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.moment import now

BATCH = 40
MOST = 400  # entries in one run, so that it can be read in Prefect's pages
STAYS, PAUSE = 2.0, 0.5  # seconds that a run stays for more; between two batches, each of which has a price
log = logging.getLogger(__name__)


@flow(name="after_step", **FLOW)
async def after_step() -> int:
    """See to every entry that nobody has seen to yet; how many."""
    async with at_work("after_step") as work:
        taken: list[Taken] = []
        while await more_came(work, len(taken)) and (taken := await take_entries(work)):
            if work.size == len(taken):  # the first; the last word is said with the report
                await name_run(work)
            await send_their_letters(work, [one.id for one in taken])
            announce(work, taken)
            await stamp_entries(work, [one.id for one in taken])
        return await report(work)


async def more_came(work: Work, last: int) -> bool:
    """Whether there is more to do for this run, which stays a moment to see; `last`: how many were in the last batch.

    A run costs as much as seeing to twenty entries; where they keep coming, one run sees to many.
    """
    if not work.size or (last == BATCH and work.size < MOST and not work.hands.leaving.is_set()):
        return True
    end = time.monotonic() + STAYS
    while work.size < MOST and time.monotonic() < end:
        with suppress(TimeoutError):
            await asyncio.wait_for(work.hands.leaving.wait(), PAUSE)
            return False
        async with reading(work.engine) as session:
            if (await session.exec(select(exists().where(unfollowed(now()))))).one():
                return True
    return False


@task(**SAFE)
async def take_entries(work: Work) -> list[Taken]:
    """The oldest entries, ours for a while."""
    async with writing(work.engine) as session:
        taken = await claim_entries(session, work.token, BATCH)
    for one in taken:
        work.note(one.ref, one.step)
        log.info("follows", extra={"ref": one.ref, "step": one.step, "trace": one.trace})
    return taken


@task(**TASK)
async def send_their_letters(work: Work, entry_ids: list[int]) -> None:
    """The first try of each letter; what cannot go now is left to `deliver`."""
    await send(work, col(Letter.entry_id).in_(entry_ids))


@task(**SAFE)
async def stamp_entries(work: Work, entry_ids: list[int]) -> None:
    """They have been followed, unless our lease ran out and another has them."""
    async with writing(work.engine) as session:
        await stamp_followed(session, work.token, entry_ids)

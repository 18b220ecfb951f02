"""What follows from steps taken: their letters go out, and Prefect hears of them."""

import logging

from prefect import flow, task
from sqlmodel import col

from flows.claims import Taken, claim_entries, stamp_followed
from flows.post import send
from flows.telling import FLOW, SAFE, TASK, announce, name_run, report
from flows.work import Work, at_work
from schemas.database import writing
from schemas.ledger import Letter

BATCH = 40
log = logging.getLogger(__name__)


@flow(name="after_step", **FLOW)
async def after_step() -> int:
    """See to every entry that nobody has seen to yet; how many."""
    async with at_work("after_step") as work:
        for _ in work.turns():
            if not (taken := await take_entries(work)):
                break
            await name_run(work)
            await send_their_letters(work, [one.id for one in taken])
            announce(work, taken)
            await stamp_entries(work, [one.id for one in taken])
        return await report(work)


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

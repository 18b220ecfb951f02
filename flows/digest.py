"""What was kept for people goes together: a letter a day or a week to each for whom there is something, else none."""

from prefect import flow, task

from flows.telling import FLOW, SAFE, report
from flows.work import Work, at_work
from notifications.letters import sentence
from schemas.database import reading, writing
from schemas.digests import awaited, gather
from schemas.moment import now

BATCH = 100


@flow(name="digest", **FLOW)
async def digest() -> int:
    """Owe everybody the digest that is due; how many. The letters themselves go out with `deliver`."""
    async with at_work("digest") as work:
        for _ in work.turns():
            if not (people := await waiting_people(work)):
                break
            for person_id in people:
                await gather_for(work, person_id)
        return await report(work)


@task(**SAFE)
async def waiting_people(work: Work) -> list[int]:
    """Those for whom something has been kept until now."""
    async with reading(work.engine) as session:
        return await awaited(session, now(), BATCH)


@task(**SAFE)
async def gather_for(work: Work, person_id: int) -> None:
    """One person's digest and the stamps on what it says, in one transaction: a crash leaves all or nothing."""
    async with writing(work.engine) as session:
        made = await gather(session, person_id, now(), lambda one: sentence(one.name, one.language, one.facts))
        for one in made.facts["questions"] if made else ():
            work.note(one["ref"], "digest")

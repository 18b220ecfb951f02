"""Letters still owed: those that no entry brings along, those that failed before, those of a run that died."""

from prefect import flow, task

from flows.claims import loose, settle_lapsed
from flows.post import send
from flows.telling import FLOW, SAFE, TASK, report
from flows.work import Work, at_work
from schemas.database import writing


@flow(name="deliver", **FLOW)
async def deliver() -> int:
    """Send every letter that is owed and due; how many were dealt with."""
    async with at_work("deliver") as work:
        await settle_letters_of_the_dead(work)
        await send_letters(work)
        return await report(work)


@task(**SAFE)
async def settle_letters_of_the_dead(work: Work) -> None:
    """Owed again when they were not handed over yet, else uncertain: a person decides about those."""
    async with writing(work.engine) as session:
        for letter in await settle_lapsed(session):
            work.note(letter.facts.get("ref") or "", f"{letter.name} found {letter.state}")


@task(**TASK)
async def send_letters(work: Work) -> None:
    """Oldest first, over one connection."""
    await send(work, loose(), note=True)

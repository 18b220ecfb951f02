"""Plays one seed from beginning to end."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from sqlmodel import col, func, select

from flows.waiting import onlooker
from schemas.database import reading
from schemas.ledger import Letter
from tests.faults.bare import waiting_for
from tests.simulation.clock import Loop
from tests.simulation.judge import Judge
from tests.simulation.people import Life
from tests.simulation.processes import keep_count
from tests.simulation.runners import FLOWS, misfortune, runner
from tests.simulation.town import Place, Plan, Town, settled_on

RUNNERS, DAY, WEEK = 2, 86400.0, 7 * 86400.0
PATIENCE = 12  # days in which everything that is left must have been done


@dataclass(frozen=True)
class Played:
    """The counts of one seed, and a hash of all that happened."""

    seed: int
    hash: str
    counts: Counter[str]


def play(place: Place, plan: Plan) -> Played:
    """Raises AssertionError when something does not hold."""
    town = place.fresh(plan)
    with town.clock, settled_on(town):
        loop = Loop(town.clock)
        loop.set_task_factory(keep_count)
        try:
            return loop.run_until_complete(_play(town))
        finally:
            loop.close()


async def _play(town: Town) -> Played:
    await town.meet()
    judge = Judge(town)
    tasks = [asyncio.create_task(one) for one in (
        *(Life(town, n).live() for n in range(town.plan.questions)), *(runner(town, n) for n in range(RUNNERS)),
        misfortune(town), _watch(town, judge),
    )]  # fmt: skip
    await _until(town.plan.months * 30 * DAY, tasks)
    town.over, town.post.risk, town.post.away, town.runners_away_until = True, 0.0, False, 0.0
    town.web.die()
    town.tell()
    await _all_done(town, tasks)
    counts = town.counts + Counter(await judge.ends())
    counts["texts open at a fault"] += len(town.post.open_at_fault)
    town.closed = True
    town.tell()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await town.engine.dispose()
    return Played(town.plan.seed, judge.hash, counts)


async def _until(seconds: float, tasks: list["asyncio.Task[None]"]) -> None:
    """That time passes; what failed meanwhile is raised."""
    end = asyncio.get_running_loop().time() + seconds
    while (left := end - asyncio.get_running_loop().time()) > 0:
        done, _ = await asyncio.wait(tasks, timeout=left, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
        if len(done) == len(tasks):
            return


async def _watch(town: Town, judge: Judge) -> None:
    """After every event, and the letters every week."""
    last = town.clock.monotonic
    while not town.over:
        news = town.news
        await judge.look()
        if town.clock.monotonic - last > WEEK:
            await judge.letters_hold()
            last = town.clock.monotonic
        await news.wait()


async def _all_done(town: Town, tasks: list["asyncio.Task[None]"]) -> None:
    for _ in range(PATIENCE):
        await _until(DAY, [one for one in tasks if not one.done()])
        town.tell()
        async with reading(town.engine) as session:
            query = select(func.count(col(Letter.id))).where(col(Letter.state).in_(("owed", "sending")))
            left = (await session.exec(query)).one()
            again = select(func.count(col(Letter.id))).where(col(Letter.may_retry))
            left += (await session.exec(again)).one()
        if not left and not await waiting_for(FLOWS, onlooker(town.engine)):
            return
    raise AssertionError(f"after {PATIENCE} quiet days {left} letters are still owed")

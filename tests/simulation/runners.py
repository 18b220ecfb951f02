"""Two runners and what may happen to them: they die, the post fails, the clock is set, all of it is gone for days."""

import asyncio
from datetime import timedelta
from random import Random

from sqlalchemy import func, or_, select
from sqlmodel import col

from flows.claims import free_dead
from flows.waiting import onlooker
from flows.work import LENT, Hands
from schemas.database import writing
from schemas.ledger import Entry, Letter
from schemas.subjects import Question, Trajectory
from tests.faults import bare
from tests.simulation.processes import Died
from tests.simulation.town import Town

FLOWS = bare.strip(bare.STEPS)
LONGEST = 20 * 86400.0  # seconds without looking; whoever sets the clock tells
WAITS = or_(col(Letter.state) == "owed", col(Letter.may_retry))
NEXT = select(  # built once: it is asked thousands of times
    select(func.min(Question.due_at)).scalar_subquery(),
    select(func.min(Trajectory.due_at)).scalar_subquery(),
    select(func.min(Letter.due_at)).where(WAITS).scalar_subquery(),
    select(func.min(Letter.lease_until)).where(Letter.state == "sending").scalar_subquery(),
    select(func.min(Entry.lease_until)).where(col(Entry.followed_at).is_(None)).scalar_subquery(),
)
JUMPS = (timedelta(hours=-1), timedelta(days=1), timedelta(minutes=-3), timedelta(seconds=40))


async def runner(town: Town, number: int) -> None:
    """One after the other until all is over."""
    dice = Random(f"{town.plan.seed} runner {number}")
    while not town.closed:
        await asyncio.sleep(max(0.0, town.runners_away_until - town.clock.monotonic))
        process = town.process(f"runner{number}")
        try:
            await process.run(_rounds(town))
        except Died:
            town.counts["runners that died"] += 1
            if dice.random() < 0.5:  # found dead at once by others; else its leases must run out
                town.gone.add(process.name)
            await asyncio.sleep(dice.choice((0.2, 5, 200, 4000)))


async def _rounds(town: Town) -> None:
    hands, reader = Hands(town.engine), onlooker(town.engine)
    LENT.set(hands)
    async with writing(town.engine) as session:
        await free_dead(session)
    while not town.closed:
        if town.runners_away_until > town.clock.monotonic:
            return
        news = town.news
        waiting = await bare.waiting_for(FLOWS, reader)
        if waiting and any(await asyncio.gather(*(_run(town, name) for name in waiting))):
            continue
        await _wait(town, news, 5.0 if waiting else await _until_something_is_due(town))


async def _run(town: Town, name: str) -> int:
    done = await FLOWS[name]()
    town.counts[f"runs of {name}"] += 1
    if done:
        town.tell()
    return done


async def _wait(town: Town, news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
    await asyncio.sleep(town.dice.uniform(0, 0.3))  # as long as a runner takes to look


async def _until_something_is_due(town: Town) -> float:
    async with onlooker(town.engine).connect() as connection:
        moments = (await connection.execute(NEXT)).one()
    waits = [(one - town.clock.now).total_seconds() for one in moments if one]
    return min([LONGEST, *(max(one, 1.0) for one in waits)])


async def misfortune(town: Town) -> None:
    """Now and then something happens to everybody at once."""
    dice = Random(f"{town.plan.seed} misfortune")
    while not town.over:
        await asyncio.sleep(dice.expovariate(1 / (9 * 86400)))
        if town.over:
            return
        kind = dice.choice(("clock", "post", "runners", "all die"))
        town.counts[f"misfortunes: {kind}"] += 1
        if kind == "clock":
            town.clock.jump(dice.choice(JUMPS))
        elif kind == "post":
            town.post.away = True
            await asyncio.sleep(dice.choice((600, 7200, 40 * 3600)))
            town.post.away = False
        elif kind == "runners":
            town.runners_away_until = town.clock.monotonic + dice.choice((3600, 86400, 9 * 86400))
        else:
            town.all_die()
        town.tell()

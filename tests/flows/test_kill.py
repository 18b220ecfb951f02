"""Runners killed with SIGKILL at any moment, over and over: nothing lost, nothing twice."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import pytest

from schemas.settings import settings
from tests.flows.conftest import House
from tests.flows.crew import Crew
from tests.flows.making import accept, entries, letters, make_due, submitted
from tests.flows.place import Mailbox, PrefectServer, until

pytestmark = pytest.mark.prefect


async def hunt(house: House, crew: Crew, mailbox: Mailbox, seconds: float) -> tuple[int, int]:
    """Two runners; every moment a kill and a new one, while work keeps coming. Kills, and letters open at a kill."""
    end, kills, was_open, made = time.monotonic() + seconds, 0, 0, 0
    while time.monotonic() < end:
        while len(crew.working) < 2:
            crew.hire()
        questions = await submitted(house.engine, 3, made)
        made += 3
        await accept(house.engine, questions[0].id)
        if made % 9 == 0:
            await make_due(house.engine, after=questions[0].id)
        before = len(mailbox.arrived)
        with suppress(AssertionError):  # most kills in the middle of a batch, some before or after
            await asyncio.to_thread(until, lambda seen=before: len(mailbox.arrived) > seen, random.choice((0.5, 3, 3)))
        await asyncio.sleep(random.uniform(0, 0.3))
        kills, was_open = kills + 1, was_open + mailbox.open
        await asyncio.to_thread(crew.kill_one)
    return kills, was_open


async def settled(house: House, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        unfollowed = [one for one in await entries(house.engine) if not one.followed_at]
        if not unfollowed and not {one.state for one in await letters(house.engine)} & {"owed", "sending"}:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(
        f"not settled within {seconds} seconds: {Counter(one.state for one in await letters(house.engine))}"
    )


async def survives(house: House, crew: Crew, mailbox: Mailbox, seconds: float) -> str:
    mailbox.delay = 0.03
    crew.hire()
    await submitted(house.engine, 1, 10_000)
    await settled(house, 120)  # the first start is slow, and not what this is about
    kills, was_open = await hunt(house, crew, mailbox, seconds)
    crew.dismiss()
    crew.hire()
    await settled(house, 120 + seconds)
    rows, arrived = await letters(house.engine), mailbox.counts()
    uncertain = [one for one in rows if one.state == "uncertain"]
    told = (
        f"{house.engine.dialect.name}: {kills} kills, {len(rows)} letters, {len(uncertain)} uncertain "
        f"({sum(one.message_id in arrived for one in uncertain)} of them arrived), {was_open} open at a kill, "
        f"{sum(count - 1 for count in arrived.values())} twice"
    )
    assert {one.state for one in rows} <= {"sent", "uncertain"}, told
    assert max(arrived.values()) == 1, told
    assert {one.message_id for one in rows if one.state == "sent"} <= arrived.keys(), told
    # A runner has at most as many letters open as it has connections: some of `after_step`, some of `deliver`.
    assert len(uncertain) <= 2 * settings().mail_connections * kills, told
    return told


async def test_killed_in_the_middle(
    house: House, crew: Crew, mailbox: Mailbox, prefect_server: PrefectServer, figure: Callable[[str], None]
) -> None:
    figure(await survives(house, crew, mailbox, 8))
    await asyncio.to_thread(until, lambda: not prefect_server.going(*crew.pids), 90)


@pytest.mark.nightly
async def test_killed_for_minutes(house: House, crew: Crew, mailbox: Mailbox, figure: Callable[[str], None]) -> None:
    figure(await survives(house, crew, mailbox, 180))

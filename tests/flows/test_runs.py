"""Runners at work with a real Prefect server: soon, once, visibly; and with something missing."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import update

from flows.signs import EVERY
from schemas.access import Sign
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.moment import now
from schemas.subjects import Question
from tests.flows.conftest import House
from tests.flows.crew import Crew
from tests.flows.making import accept, begin_draft_long_ago, entries, letters, make_due, submitted
from tests.flows.place import Mailbox, PrefectServer, until

pytestmark = pytest.mark.prefect
Figure = Callable[[str], None]
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def done(house: House, seconds: float = 90) -> None:
    """Wait until nothing is owed any more and every entry has been followed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        open_letters = [one for one in await letters(house.engine) if one.state in ("owed", "sending")]
        if not open_letters and all(one.followed_at for one in await entries(house.engine)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"not done within {seconds} seconds: {[(one.name, one.state) for one in open_letters]}")


async def sign(house: House, name: str) -> Sign | None:
    async with reading(house.engine) as session:
        return await session.get(Sign, name)


async def said(house: House, name: str, ok: bool, seconds: float = 60) -> Sign:
    """Wait for a sign."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := await sign(house, name)) and found.ok == ok:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"{name} was not {'well' if ok else 'unwell'} within {seconds} seconds")


async def once_each(house: House, mailbox: Mailbox) -> int:
    rows = await letters(house.engine)
    assert mailbox.counts() == {one.message_id: 1 for one in rows}
    assert {one.state for one in rows} == {"sent"}
    return len(rows)


def completed(server: PrefectServer, crew: Crew, name: str) -> list[dict[str, Any]]:
    """Runs of this name by these runners: in another test's database there are questions of the same reference."""
    found = server.runs(flow_runs={"name": {"any_": [name]}, "state": {"type": {"any_": ["COMPLETED"]}}})
    return [run for run in found if any(f"/{pid}/" in tag for pid in crew.pids for tag in run["tags"])]


@on_sqlite
async def test_a_letter_is_there_soon_and_its_run_bears_the_question(
    house: House, crew: Crew, mailbox: Mailbox, prefect_server: PrefectServer, figure: Figure
) -> None:
    crew.hire()
    await said(house, "prefect", True)
    waits = []
    for n in range(6):
        before = len(mailbox.arrived)
        [question] = await submitted(house.engine, 1, n)
        committed = time.time()
        await done(house)
        waits.append(max(at for _, at in mailbox.arrived[before:]) - committed)
    figure(f"commit to mailbox, last letter of a step: {[round(one, 2) for one in waits]} s")
    # How soon that must be is measured by bench/flows.py: machines that test are not idle.
    for step in ("submit", "accept"):
        # A run that is still going would take this up too, and be named after two questions.
        await asyncio.to_thread(until, lambda: not prefect_server.going_by(*crew.pids), 40)
        if step == "submit":
            [question] = await submitted(house.engine, 1, 6)
        else:
            await accept(house.engine, question.id)
        name = f"{question.ref}: {step}"
        await asyncio.to_thread(until, lambda name=name: completed(prefect_server, crew, name), 60)
        [run] = completed(prefect_server, crew, name)
        assert question.ref in run["tags"]
        [report] = prefect_server.artifacts(run["id"])
        assert f"| {question.ref} | {step} |" in report
    await done(house)
    await once_each(house, mailbox)
    expected, resource = {"stadsvraag.submit", "stadsvraag.accept"}, f"stadsvraag.question.{question.ref}"
    await asyncio.to_thread(until, lambda: expected <= set(prefect_server.events(resource)), 60)


async def test_two_runners_send_everything_once(
    house: House, crew: Crew, mailbox: Mailbox, prefect_server: PrefectServer, figure: Figure
) -> None:
    crew.hire()
    crew.hire()
    for n in range(0, 60, 6):
        await asyncio.gather(*(submitted(house.engine, 2, n + 2 * k) for k in range(3)))
    await done(house)
    figure(f"60 questions, two runners: {await once_each(house, mailbox)} letters, each once")
    names = [run["name"] for run in prefect_server.runs()]
    assert any(name.endswith(" questions") for name in names), names


@on_sqlite
async def test_mail_away_and_back(house: House, crew: Crew, mailbox: Mailbox) -> None:
    mailbox.stop()
    crew.hire()
    await submitted(house.engine, 2)
    unwell = await said(house, "mail", False)
    assert unwell.note
    assert {one.state for one in await letters(house.engine)} == {"owed"}
    assert not mailbox.arrived
    mailbox.start()
    async with writing(house.engine) as session:
        await session.exec(update(Letter).values(due_at=now()))  # the back-off is a minute: not for a test
    await done(house)
    await once_each(house, mailbox)
    assert (await said(house, "mail", True)).since > unwell.since


@on_sqlite
async def test_prefect_away_and_back(
    house: House, crew: Crew, mailbox: Mailbox, prefect_server: PrefectServer, figure: Figure
) -> None:
    crew.hire()
    await said(house, "prefect", True)
    prefect_server.kill()
    await submitted(house.engine, 3)
    unwell = await said(house, "prefect", False)
    await asyncio.sleep(1)
    assert {one.state for one in await letters(house.engine)} == {"owed"}
    assert crew.working[0].is_alive()
    await asyncio.to_thread(prefect_server.start)
    back = time.monotonic()
    await done(house)
    figure(f"Prefect back: caught up {time.monotonic() - back:.1f} s later")
    await once_each(house, mailbox)
    assert (await said(house, "prefect", True)).since > unwell.since


async def test_terms_run_out_once(house: House, crew: Crew, mailbox: Mailbox, figure: Figure) -> None:
    questions = await submitted(house.engine, 25)
    old = await begin_draft_long_ago(house.engine)
    await make_due(house.engine)
    crew.hire()
    crew.hire()
    await done(house)
    end = time.monotonic() + 90
    while len([one for one in await entries(house.engine) if one.step in ("remind", "discard")]) < 26:
        assert time.monotonic() < end
        await asyncio.sleep(0.2)
    await done(house)
    await asyncio.sleep(1)
    reminded = [one.question_id for one in await entries(house.engine) if one.step == "remind"]
    assert sorted(reminded) == sorted(one.id for one in questions)
    async with reading(house.engine) as session:
        assert (await session.get_one(Question, old)).state == "discarded"
    await once_each(house, mailbox)
    figure(f"25 terms and a draft, two runners: {len(reminded)} reminders, each once")


@on_sqlite
async def test_a_runner_leaves_when_asked(house: House, crew: Crew, mailbox: Mailbox, figure: Figure) -> None:
    process = crew.hire()
    await said(house, "flows", True)
    mailbox.delay = 0.2
    await submitted(house.engine, 10)
    await asyncio.to_thread(until, lambda: mailbox.arrived, 60)
    asked = time.monotonic()
    process.terminate()
    await asyncio.to_thread(process.join, 60)
    took = time.monotonic() - asked
    figure(f"asked to leave in the middle of a batch: gone after {took:.1f} s")
    assert process.exitcode == 0
    assert {one.state for one in await letters(house.engine)} == {"sent", "owed"}
    assert not (await said(house, "flows", False)).ok
    crew.hire()
    await done(house)
    await once_each(house, mailbox)


@on_sqlite
async def test_a_runner_leaves_even_if_prefect_hangs(
    house: House, crew: Crew, mailbox: Mailbox, prefect_server: PrefectServer, figure: Figure
) -> None:
    process = crew.hire()
    await said(house, "prefect", True)
    mailbox.delay = 0.2
    await submitted(house.engine, 10)
    await asyncio.to_thread(until, lambda: mailbox.arrived, 60)
    with prefect_server.frozen():
        asked = time.monotonic()
        process.terminate()
        await asyncio.to_thread(process.join, 60)
        took = time.monotonic() - asked
    figure(f"asked to leave while Prefect hangs: gone after {took:.1f} s")
    assert process.exitcode == 0
    crew.hire()
    await done(house)
    await once_each(house, mailbox)


@on_sqlite
async def test_signs_are_renewed(house: House, crew: Crew) -> None:
    crew.hire()
    first = await said(house, "flows", True)
    later = first
    for _ in range(20):
        if later.at != first.at:
            break
        await asyncio.sleep(EVERY / 4)
        later = await said(house, "flows", True)
    assert later.at - first.at >= timedelta(seconds=EVERY - 1)
    assert later.since == first.since

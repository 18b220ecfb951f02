"""The committee's papers go out by themselves, once, to everybody, whoever else is at it and whatever dies."""

import asyncio
from collections import Counter
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from flows.committee_pack import freeze_and_owe
from flows.post import write
from flows.waiting import look
from flows.work import Hands, Work
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.meetings import Meeting
from schemas.moment import now
from schemas.planning import cancel, plan
from tests.cast import Cast, day
from tests.flows.conftest import House
from tests.flows.crew import Crew
from tests.flows.making import letters
from tests.flows.place import Mailbox, PrefectServer, until
from tests.sitting import PLAN
from tests.story import Story

pytestmark = pytest.mark.anyio


async def planned(engine: AsyncEngine, cast: Cast, *, due: bool = True) -> int:
    async with writing(engine) as session:
        meeting = await plan(session, PLAN | {"day": day(60)}, cast.bram.id, now())
        meeting.pack_at = now() - timedelta(minutes=1) if due else meeting.pack_at
        return meeting.id


async def packs(engine: AsyncEngine) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).where(Letter.name == "meeting-pack").order_by(col(Letter.id))))


async def freeze(engine: AsyncEngine, meeting_id: int) -> None:
    await freeze_and_owe.fn(Work("committee_pack", Hands(engine)), meeting_id)


async def test_it_is_seen_when_its_day_has_come(engine: AsyncEngine, cast: Cast) -> None:
    await planned(engine, cast, due=False)
    assert not (await look(engine)).committee_pack
    meeting_id = await planned(engine, cast)
    assert (await look(engine)).committee_pack
    await freeze(engine, meeting_id)
    assert not (await look(engine)).committee_pack


async def test_everybody_gets_it_once_however_often_it_runs(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
    meeting_id = await planned(engine, cast)
    await asyncio.gather(*(freeze(engine, meeting_id) for _ in range(4)))
    found = await packs(engine)
    expected = {one.email: 1 for one in (*cast.committee, cast.bram)}
    assert Counter(one.email for one in found) == expected
    one = next(row for row in found if row.email == cast.lars.email)
    assert one.facts["meeting"]["agenda"] == [{"ref": question.ref, "title": question.title}]
    message = message_from_bytes(bytes(write(one).message), policy=policy.default)
    kinds = {part.get_filename(): (part.get_content_type(), part.get_payload(decode=True))
             for part in message.iter_attachments()}  # fmt: skip
    assert {kind for kind, _ in kinds.values()} == {"text/calendar", "application/pdf"}
    [paper] = [content for kind, content in kinds.values() if kind == "application/pdf"]
    assert isinstance(paper, bytes)
    assert paper.startswith(b"%PDF-")
    assert f"/meetings/{meeting_id}" in (message.get_body(("plain",)) or message).get_content()


async def test_a_crash_before_the_commit_leaves_nothing_and_the_next_run_does_it(
    engine: AsyncEngine, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting_id = await planned(engine, cast)

    async def dies(*_: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("flows.committee_pack.owe_all", dies)
        with pytest.raises(RuntimeError, match="killed"):
            await freeze(engine, meeting_id)
    assert await packs(engine) == []
    async with reading(engine) as session:
        meeting = await session.get_one(Meeting, meeting_id)
        assert (meeting.pack, meeting.pack_sent_at) == ({}, None)
    await freeze(engine, meeting_id)
    assert len(await packs(engine)) == 7


async def test_a_cancelled_meeting_gets_none(engine: AsyncEngine, cast: Cast) -> None:
    meeting_id = await planned(engine, cast)
    async with writing(engine) as session:
        cancel(await session.get_one(Meeting, meeting_id), now())
    await freeze(engine, meeting_id)
    assert await packs(engine) == []


@pytest.mark.prefect
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_runner_mails_it_by_itself(
    house: House, crew: Crew, mailbox: Mailbox, prefect_server: PrefectServer, cast: Cast
) -> None:
    await planned(house.engine, cast)
    crew.hire()
    await asyncio.to_thread(until, lambda: len(mailbox.arrived) >= 7, 120)
    await asyncio.to_thread(until, lambda: not prefect_server.going_by(*crew.pids), 60)
    rows = await letters(house.engine)
    assert mailbox.counts() == {one.message_id: 1 for one in rows}
    assert {one.state for one in rows} == {"sent"}
    [run] = prefect_server.runs(flow_runs={"name": {"any_": ["pack for 7 people"]}})
    assert run["state_type"] == "COMPLETED"

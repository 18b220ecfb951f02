"""What is kept for people goes together: daily or weekly, nothing when there is nothing, once whatever else happens."""

import asyncio
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from flows.digest import gather_for, waiting_people
from flows.post import write
from flows.waiting import look
from flows.work import Hands, Work
from schemas.database import reading, writing
from schemas.kinds import How, Kind
from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent
from schemas.mail_chosen import wish
from schemas.parties import Person
from schemas.people import leave
from schemas.subjects import Trajectory
from schemas.wishes import Wishes
from tests.cast import Cast, Somebody
from tests.story import Story

pytestmark = pytest.mark.anyio
WEDNESDAY, MONDAY = datetime(2026, 11, 25, 7, tzinfo=UTC), datetime(2026, 11, 30, 7, tzinfo=UTC)  # eight o'clock there


async def taken_on(engine: AsyncEngine, tell: Story, cast: Cast, *at: str) -> list[Trajectory]:
    """Brokers take questions on: Bram is told of each, and has nothing to do."""
    made = []
    for institution in at or ("ut",):
        async with writing(engine) as session:
            made.append(await tell.placing(session, at=institution))
    return made


async def run(engine: AsyncEngine) -> int:
    """What a run does; how many it was for."""
    work = Work("digest", Hands(engine))
    people = await waiting_people.fn(work)
    for person in people:
        await gather_for.fn(work, person)
    return len(people)


async def rows(engine: AsyncEngine, *where: Any) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).where(*where).order_by(col(Letter.id))))


async def digests(engine: AsyncEngine) -> list[Letter]:
    return await rows(engine, Letter.name == "digest")


async def choose(engine: AsyncEngine, who: Somebody, kind: Kind, how: How) -> None:
    async with writing(engine) as session:
        await wish(session, who.id, Wishes({kind: how}, None), who.id)


async def test_news_of_a_day_is_one_letter_the_next_morning(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await taken_on(engine, tell, cast, "ut", "saxion")
    kept = await rows(engine, Letter.state == LetterState.KEPT)
    assert [(one.name, one.recipient_id, one.due_at) for one in kept] == [("taken-on", cast.bram.id, WEDNESDAY)] * 2
    assert (await run(engine), (await look(engine)).digest) == (0, False)
    clock.move_to(WEDNESDAY)
    assert (await look(engine)).digest
    assert await run(engine) == 1
    assert not (await look(engine)).digest
    [digest] = await digests(engine)
    assert (digest.recipient_id, digest.state, digest.facts["kinds"]) == (cast.bram.id, LetterState.OWED, ["internal"])
    told = await rows(engine, Letter.digest_id == digest.id)
    assert [(one.id, one.state) for one in told] == [(one.id, LetterState.GATHERED) for one in kept]
    async with reading(engine) as session:
        query = select(LetterEvent.what).where(col(LetterEvent.letter_id).in_([one.id for one in told]))
        assert [*await session.exec(query)] == ["gathered", "gathered"]
    message = message_from_bytes(bytes(write(digest).message), policy=policy.default)
    text = (message.get_body(("plain",)) or message).get_content()
    assert "/desk" in text
    assert "/l/" not in text
    assert [text.count(f"/questions/{one['ref']}") for one in digest.facts["questions"]] == [1, 1]
    assert await run(engine) == 0


async def test_what_waits_for_its_reader_stands_first(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await taken_on(engine, tell, cast)
    async with writing(engine) as session:
        waits = await tell.placing(session)
        await tell.take(session, waits, "cancel", cast.femke)
        asks = (await session.get_one(Letter, 1)).question_id, waits.question_id
    clock.move_to(WEDNESDAY)
    await run(engine)
    [digest] = await digests(engine)
    assert [one["id"] for one in digest.facts["questions"]] == [asks[1], asks[0]]
    assert [bool(one["task"]) for one in digest.facts["questions"]] == [True, False]


async def test_once_a_week_for_whoever_wants_that_and_at_once_for_whoever_wants_that(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await choose(engine, cast.bram, Kind.INTERNAL, How.WEEKLY)
    await choose(engine, cast.amira, Kind.TOLD, How.WEEKLY)
    await taken_on(engine, tell, cast)
    kept = await rows(engine, Letter.state == LetterState.KEPT)
    assert {(one.recipient_id, one.due_at) for one in kept} == {(cast.bram.id, MONDAY), (cast.amira.id, MONDAY)}
    clock.move_to(WEDNESDAY)
    assert await run(engine) == 0
    await choose(engine, cast.bram, Kind.INTERNAL, How.NOW)
    assert {one.state for one in await rows(engine, Letter.name == "taken-on", Letter.role == "coordinator")} == {
        "owed"
    }
    clock.move_to(MONDAY)
    assert await run(engine) == 1
    [digest] = await digests(engine)
    assert digest.recipient_id == cast.amira.id
    message = message_from_bytes(bytes(write(digest).message), policy=policy.default)
    text = (message.get_body(("plain",)) or message).get_content()
    assert "/s/" in text, "who does not work on the desk gets the page that says where it stands"
    assert "/questions/" not in text


async def test_nothing_is_sent_when_there_is_nothing(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await taken_on(engine, tell, cast)
    await choose(engine, cast.bram, Kind.INTERNAL, How.NEVER)
    assert [one.state for one in await rows(engine, Letter.role == "coordinator", Letter.name == "taken-on")] == [
        LetterState.WITHHELD
    ]
    clock.move_to(WEDNESDAY + timedelta(days=30))
    assert (await run(engine), await digests(engine)) == (0, [])


async def test_whoever_has_left_gets_none(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await choose(engine, cast.amira, Kind.TOLD, How.DAILY)
    await choose(engine, cast.bram, Kind.INTERNAL, How.NEVER)
    await taken_on(engine, tell, cast)
    async with writing(engine) as session:
        await leave(session, cast.greta.id, await session.get_one(Person, cast.amira.id), WEDNESDAY.date())
    clock.move_to(WEDNESDAY)
    await run(engine)
    assert await digests(engine) == []
    assert [
        one.state for one in await rows(engine, Letter.recipient_id == cast.amira.id, Letter.name == "taken-on")
    ] == [LetterState.WITHHELD]


async def test_two_runs_at_once_make_one(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await taken_on(engine, tell, cast, "ut", "saxion")
    clock.move_to(WEDNESDAY)
    await asyncio.gather(*(run(engine) for _ in range(6)))
    [digest] = await digests(engine)
    assert len(await rows(engine, Letter.digest_id == digest.id)) == 2


async def test_a_run_that_dies_leaves_all_or_nothing(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    await taken_on(engine, tell, cast, "ut", "saxion")
    clock.move_to(WEDNESDAY)
    with monkeypatch.context() as broken:
        broken.setattr("schemas.digests.happened", _dies)
        with pytest.raises(RuntimeError):
            await run(engine)
    assert await digests(engine) == []
    assert len(await rows(engine, Letter.state == LetterState.KEPT)) == 2
    await run(engine)
    assert len(await digests(engine)) == 1


def _dies(*_: object, **__: object) -> None:
    raise RuntimeError("killed")

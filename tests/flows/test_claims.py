"""Rows are leased to one run at a time, and come free again when it dies."""

import asyncio
import os
import socket
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import update
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.claims import claim_entries, claim_letters, free_dead, settle_lapsed, stamp_followed
from flows.identity import new_token
from flows.in_hand import Posted, Ready
from flows.outcomes import give_back, hand_over, held, settle
from flows.waiting import look, onlooker
from notifications.letters import Rendered
from notifications.postbox import Outcome
from schemas.database import writing
from schemas.ledger import Entry, Letter
from schemas.moment import now
from tests.flows.conftest import House
from tests.flows.making import entries, letters, submitted

PAPER = Rendered("subject", "text", "<p>html</p>")
SENT = Outcome("sent", "250 kept")


async def claim(engine: AsyncEngine, token: str, limit: int = 100) -> list[Letter]:
    async with writing(engine) as session:
        return await claim_letters(session, token, limit, true())


async def handed(session: AsyncSession, letter: Letter, token: str, at: datetime) -> bool:
    ready = Ready(letter, PAPER, EmailMessage())
    return letter.id in await hand_over(session, [(ready, at)], await held(session, [letter.id], token))


async def settled(session: AsyncSession, letter: Letter, token: str) -> bool:
    return letter.id in await settle(session, [Posted(letter, SENT)], await held(session, [letter.id], token))


async def lapse(engine: AsyncEngine) -> None:
    """The time of a lease passes."""
    for table in (Letter, Entry):
        async with writing(engine) as session:
            await session.exec(update(table).values(lease_until=now() - timedelta(seconds=1)))


async def states(engine: AsyncEngine) -> list[str]:
    return sorted(one.state for one in await letters(engine))


async def test_rivals_never_take_the_same(house: House) -> None:
    await submitted(house.engine, 6)
    tokens = [new_token() for _ in range(4)]
    taken = await asyncio.gather(*(claim(house.engine, token, 5) for token in tokens))
    ids = [letter.id for batch in taken for letter in batch]
    assert len(ids) == len(set(ids)) >= 5
    assert {one.lease for one in await letters(house.engine) if one.state == "sending"} <= set(tokens)


async def test_rivals_never_take_the_same_entries(house: House) -> None:
    await submitted(house.engine, 8)

    async def take(token: str) -> list[int]:
        async with writing(house.engine) as session:
            return [one.id for one in await claim_entries(session, token, 3)]

    batches = await asyncio.gather(*(take(new_token()) for _ in range(3)))
    taken = [one for batch in batches for one in batch]
    assert len(taken) == len(set(taken)) >= 3


async def test_an_entry_is_stamped_only_by_its_holder(house: House) -> None:
    await submitted(house.engine, 1)
    late, early = new_token(), new_token()
    async with writing(house.engine) as session:
        ids = [one.id for one in await claim_entries(session, late, 9)]
    await lapse(house.engine)
    async with writing(house.engine) as session:
        assert [one.id for one in await claim_entries(session, early, 9)] == ids
        assert await stamp_followed(session, late, ids) == 0
        assert await stamp_followed(session, early, ids) == len(ids) > 0
    assert all(one.followed_at for one in await entries(house.engine))
    assert not (await look(onlooker(house.engine))).after_step


async def test_a_letter_not_handed_over_is_owed_again(house: House) -> None:
    await submitted(house.engine, 1)
    await claim(house.engine, new_token())
    assert set(await states(house.engine)) == {"sending"}
    await lapse(house.engine)
    assert (await look(onlooker(house.engine))).deliver
    async with writing(house.engine) as session:
        await settle_lapsed(session)
    assert set(await states(house.engine)) == {"owed"}


async def test_a_letter_handed_over_is_uncertain_until_its_holder_speaks(house: House) -> None:
    await submitted(house.engine, 1)
    token = new_token()
    first, *_ = await claim(house.engine, token)
    async with writing(house.engine) as session:
        assert await handed(session, first, token, now())
    await lapse(house.engine)
    async with writing(house.engine) as session:
        await settle_lapsed(session)
    row = next(one for one in await letters(house.engine) if one.id == first.id)
    assert (row.state, row.subject, row.html) == ("uncertain", PAPER.subject, PAPER.html)
    assert first.id not in [one.id for one in await claim(house.engine, new_token())]
    async with writing(house.engine) as session:
        assert await settled(session, first, token)
    row = next(one for one in await letters(house.engine) if one.id == first.id)
    assert (row.state, row.reply) == ("sent", "250 kept")
    assert row.sent_at


async def test_who_lost_a_letter_may_not_post_it(house: House) -> None:
    await submitted(house.engine, 1)
    late, early = new_token(), new_token()
    first, *_ = await claim(house.engine, late)
    await lapse(house.engine)
    async with writing(house.engine) as session:
        await settle_lapsed(session)
    await claim(house.engine, early)
    async with writing(house.engine) as session:
        assert not await handed(session, first, late, now())
        assert not await settled(session, first, late)
        at = now()
        assert await handed(session, first, early, at)
        assert await handed(session, first, early, at)  # the same stamp once more, after a lost connection
        assert not await handed(session, first, early, at + timedelta(seconds=1))


async def test_given_back_is_as_if_never_taken(house: House) -> None:
    await submitted(house.engine, 1)
    before = [(one.id, one.state, one.attempts, one.lease) for one in await letters(house.engine)]
    token = new_token()
    taken = await claim(house.engine, token)
    async with writing(house.engine) as session:
        await give_back(session, taken, token)
    assert [(one.id, one.state, one.attempts, one.lease) for one in await letters(house.engine)] == before


async def test_leases_of_the_dead_end_at_once_and_no_others(house: House) -> None:
    await submitted(house.engine, 3)
    dead, living = f"{socket.gethostname()}/{os.getpid()}/earlier/1", new_token()
    [gone_letter] = await claim(house.engine, dead, 1)
    await claim(house.engine, living, 1)
    async with writing(house.engine) as session:
        await claim_entries(session, dead, 1)
    async with writing(house.engine) as session:
        assert await free_dead(session) == 1
    async with writing(house.engine) as session:
        assert [one.id for one in await settle_lapsed(session)] == [gone_letter.id]
    assert (await states(house.engine)).count("sending") == 1


async def test_looking_sees_what_there_is(house: House) -> None:
    reader = onlooker(house.engine)
    assert not any(await look(reader))
    await submitted(house.engine, 1)
    seen = await look(reader)
    # Letters come along with their entry: only what is left over is for `deliver`.
    assert seen.after_step
    assert not seen.deliver
    assert not seen.deadlines
    async with writing(house.engine) as session:
        await session.exec(update(Entry).values(followed_at=now()))
    assert (await look(reader)).deliver

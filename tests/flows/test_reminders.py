"""A reminder of what has been done is not sent: whether it was done before the run took the letter, or just after."""

from datetime import timedelta

import pytest
import time_machine
from sqlmodel import col, select

from flows.claims import claim_letters, loose
from flows.in_hand import Stamp
from flows.post import send, write
from flows.stamps import Stamps
from flows.work import Hands, Work
from schemas.database import reading, writing
from schemas.due import run_due
from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent
from schemas.moment import now
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Cast
from tests.flows.conftest import House
from tests.flows.place import Mailbox
from tests.story import Story

pytestmark = pytest.mark.anyio


async def reminded(house: House, clock: time_machine.Traveller, subject: Subject) -> None:
    """Nobody does anything until the clock reminds them."""
    async with reading(house.engine) as session:
        resting: Subject = await session.get_one(type(subject), subject.id)
        due_at = resting.due_at
    assert due_at
    clock.move_to(due_at + timedelta(seconds=1))
    async with writing(house.engine) as session:
        assert await run_due(session, type(subject), subject.id, now()) == "reminder"


async def offered_and_reminded(house: House, tell: Story, clock: time_machine.Traveller) -> Trajectory:
    """An offer that two brokers have been reminded of."""
    async with writing(house.engine) as session:
        attempt = await tell.offered(session)
    await reminded(house, clock, attempt)
    return attempt


async def reminders(house: House) -> list[tuple[str, str]]:
    async with reading(house.engine) as session:
        query = select(Letter.role, Letter.state).where(Letter.name == "reminder").order_by(col(Letter.id))
        return [(role, state) for role, state in await session.exec(query)]


async def deliver(house: House) -> None:
    await send(Work("deliver", Hands(house.engine)), loose() | (Letter.name == "reminder"))


async def test_a_reminder_of_what_still_waits_is_sent(
    house: House, tell: Story, clock: time_machine.Traveller, mailbox: Mailbox
) -> None:
    await offered_and_reminded(house, tell, clock)
    await deliver(house)
    assert await reminders(house) == [("broker", "sent"), ("broker", "sent")]


async def test_done_between_owing_and_sending(
    house: House, tell: Story, cast: Cast, clock: time_machine.Traveller, mailbox: Mailbox
) -> None:
    attempt = await offered_and_reminded(house, tell, clock)
    async with writing(house.engine) as session:
        await tell.take(session, await session.get_one(Trajectory, attempt.id), "take_on", cast.femke)
    await deliver(house)
    assert await reminders(house) == [("broker", LetterState.WITHHELD)] * 2
    async with reading(house.engine) as session:
        query = select(LetterEvent.what, Letter.name).join(Letter, col(Letter.id) == LetterEvent.letter_id)
        found = [what for what, name in await session.exec(query) if name == "reminder"]
        sent = {one.message_id for one in await session.exec(select(Letter).where(Letter.name == "reminder"))}
    assert found == ["needless", "needless"]
    assert not sent & {*mailbox.counts()}


async def test_done_between_claiming_and_handing_over(
    house: House, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    attempt = await offered_and_reminded(house, tell, clock)
    work = Work("deliver", Hands(house.engine))
    async with writing(house.engine) as session:
        claimed = await claim_letters(session, work.token, 9, col(Letter.name) == "reminder")
    assert len(claimed) == 2
    async with writing(house.engine) as session:
        await tell.take(session, await session.get_one(Trajectory, attempt.id), "take_on", cast.femke)
    async with Stamps(work) as stamps:
        for one in claimed:
            assert not await stamps.write(Stamp(following=write(one))), "it must not be posted"
    assert await reminders(house) == [("broker", LetterState.WITHHELD)] * 2


async def test_one_that_may_have_arrived_stays_uncertain_and_is_not_tried_again(
    house: House, tell: Story, cast: Cast, clock: time_machine.Traveller, mailbox: Mailbox
) -> None:
    attempt = await offered_and_reminded(house, tell, clock)
    async with writing(house.engine) as session:
        await tell.take(session, await session.get_one(Trajectory, attempt.id), "take_on", cast.femke)
        for one in await session.exec(select(Letter).where(Letter.name == "reminder")):
            one.state, one.may_retry, one.due_at = LetterState.UNCERTAIN, True, now()
    for _ in range(2):
        await deliver(house)
        assert await reminders(house) == [("broker", LetterState.UNCERTAIN)] * 2
    async with reading(house.engine) as session:
        again = await session.exec(select(Letter.may_retry).where(Letter.name == "reminder"))
        assert not any(again)
    assert not mailbox.counts()


async def test_whoever_has_done_their_part_is_not_reminded_and_the_other_is(
    house: House, tell: Story, cast: Cast, clock: time_machine.Traveller, mailbox: Mailbox
) -> None:
    async with writing(house.engine) as session:
        attempt = await tell.agreeing(session)
    await reminded(house, clock, attempt)
    async with writing(house.engine) as session:
        await tell.take(session, await session.get_one(Trajectory, attempt.id), "agree", cast.chen)
    await deliver(house)
    assert await reminders(house) == [("owner", "sent"), ("lecturer", LetterState.WITHHELD)]


@pytest.mark.parametrize(("step", "states"), [("suspend", "withheld"), ("correct_contact", "sent")])
async def test_a_clock_that_stands_still_reminds_nobody_and_a_step_that_changes_nothing_holds_nothing_back(
    house: House, tell: Story, cast: Cast, clock: time_machine.Traveller, mailbox: Mailbox, step: str, states: str
) -> None:
    attempt = await offered_and_reminded(house, tell, clock)
    who = cast.bram if step == "suspend" else cast.femke
    async with writing(house.engine) as session:
        await tell.take(session, await session.get_one(Trajectory, attempt.id), step, who)
    await deliver(house)
    assert await reminders(house) == [("broker", states)] * 2


async def test_another_owner_is_not_asked_by_the_letter_to_the_one_before(
    house: House, tell: Story, cast: Cast, clock: time_machine.Traveller, mailbox: Mailbox
) -> None:
    async with writing(house.engine) as session:
        question = await tell.submitted(session)
    await reminded(house, clock, question)
    async with writing(house.engine) as session:
        await tell.take(session, await session.get_one(Question, question.id), "change_owner", cast.bram)
    await deliver(house)
    assert await reminders(house) == [("owner", LetterState.WITHHELD)]

"""What comes after the first ending: clearance and embargo, parts and a whole, a relay, a wait that is asked about."""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from schemas.database import reading, writing
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.steps import MovedOn
from schemas.subjects import Question, Trajectory
from tests.cast import Cast, day, needs_for
from tests.journeys.journey import Journey

DELIVERED = ("delivered to amira", "delivered to hanna")
ACCEPTED = ("result-accepted to chen", "result-accepted to noor", "result-accepted to bram", "answered to amira")
PUBLISHED = ("published to amira", "published to chen", "published to noor")


async def completed(journey: Journey, cast: Cast) -> tuple[Question, Trajectory]:
    question, attempt = await journey.running()
    await journey.then(cast.chen, "deliver", attempt, *DELIVERED)
    await journey.then(cast.amira, "accept_result", attempt, *ACCEPTED)
    return question, attempt


async def published_on(journey: Journey, attempt: Trajectory) -> date | None:
    async with reading(journey.engine) as session:
        return (await session.get_one(Trajectory, attempt.id)).published_on


async def test_a_result_under_embargo_becomes_public_on_its_day(journey: Journey, cast: Cast) -> None:
    _, attempt = await completed(journey, cast)
    until = now().date() + timedelta(days=40)
    await journey.then(cast.chen, "clear", attempt, clearance="embargo", embargo_until=until.isoformat())
    await journey.then(cast.amira, "clear", attempt)
    assert await published_on(journey, attempt) is None
    assert await journey.time_passes(attempt, *PUBLISHED) == "publish"
    assert await published_on(journey, attempt) == until == now().date()
    with pytest.raises(MovedOn):
        await journey.then(cast.amira, "clear", attempt)


async def test_who_has_not_cleared_yet_is_reminded_and_nobody_else(journey: Journey, cast: Cast) -> None:
    _, attempt = await completed(journey, cast)
    await journey.then(cast.amira, "clear", attempt)
    assert await journey.time_passes(attempt, "reminder to chen") == "reminder"
    assert await journey.time_passes(attempt, "overdue to bram") == "overdue"
    await journey.then(cast.chen, "clear", attempt, *PUBLISHED)
    assert not await journey.clock_runs(attempt)


async def test_where_personal_data_were_used_the_privacy_officer_decides_too(journey: Journey, cast: Cast) -> None:
    _, attempt = await journey.running()
    async with writing(journey.engine) as session:
        one = await session.get_one(Trajectory, attempt.id)
        one.agreement = one.agreement | {"privacy": "with_agreement"}
    await journey.then(cast.chen, "deliver", attempt, *DELIVERED)
    letters = [*ACCEPTED[:3], "please-clear to els", ACCEPTED[3]]
    await journey.then(cast.amira, "accept_result", attempt, *letters)
    await journey.then(cast.amira, "clear", attempt)
    await journey.then(cast.chen, "clear", attempt)
    assert await published_on(journey, attempt) is None
    await journey.then(cast.els, "clear", attempt, *PUBLISHED, clearance="summary_only")


async def test_on_hold_and_asked_whether_it_is_still_current(journey: Journey, cast: Cast) -> None:
    question = await journey.accepted()
    await journey.then(cast.bram, "hold", question, "held to amira", until=day(60))
    with pytest.raises(MovedOn):
        await journey.then(cast.amira, "still_current", question)
    assert await journey.time_passes(question, "still-current to amira") == "still-current"
    await journey.then(cast.amira, "postpone", question, "held to amira", "held to bram", until=day(90))
    assert await journey.time_passes(question, "still-current to amira") == "still-current"
    await journey.then(cast.amira, "still_current", question)
    assert await journey.time_passes(question, "woken to amira", "woken to bram") == "wake"


async def test_a_whole_is_answered_when_its_parts_are_done(journey: Journey, cast: Cast) -> None:
    question = await journey.accepted()
    leading = ["split to amira", "split to femke", "split to quinten"]
    await journey.then(cast.bram, "split", question, *leading)
    async with reading(journey.engine) as session:
        query = select(Question).where(Question.part_of_id == question.id).order_by(col(Question.id))
        first, second = (await session.exec(query)).all()
    await journey.then(cast.amira, "withdraw", first, "withdrawn to amira", "withdrawn to bram")
    assert await journey.state(question) == "matching"
    async with writing(journey.engine) as session:
        await journey.tell.completed(session, await session.get_one(Question, second.id))
    assert (await journey.state(second), await journey.state(question)) == ("answered", "answered")
    assert (await journey.steps(question))[-1] == "gather"


async def test_a_relay_goes_on_with_an_earlier_result(journey: Journey, cast: Cast) -> None:
    question, attempt = await journey.running()
    with pytest.raises(FaultyNeeds, match="relay_from: no_result"):
        await relay(journey, question, attempt)
    await journey.then(cast.chen, "deliver", attempt, *DELIVERED)
    await relay(journey, question, attempt)
    await journey._new()
    offered = next(text.text for letter, text in reversed(journey.read) if letter.name == "offer")
    assert "Fietsers willen binnen honderd meter van hun doel stallen." in offered
    assert "Universiteit Twente" in offered


async def relay(journey: Journey, question: Question, attempt: Trajectory) -> None:
    from schemas.birth import new_trajectory

    needs = needs_for("offer", journey.tell.cast, "saxion") | {"relay_from": attempt.ref}
    async with writing(journey.engine) as session:
        one = await new_trajectory(session, await session.get_one(Question, question.id), needs)
        await journey.tell.take(session, one, "offer", journey.tell.cast.bram, **needs)


async def test_an_owner_who_stays_silent_is_brought_to_the_manager(journey: Journey, cast: Cast) -> None:
    _, attempt = await journey.running()
    async with writing(journey.engine) as session:
        question = await session.get_one(Question, attempt.question_id)
        question.manager_id = cast.karin.id
    await journey.then(cast.chen, "deliver", attempt, *DELIVERED)
    await journey.time_passes(attempt, "reminder to amira")
    await journey.time_passes(attempt, "reminder to amira", "reminder to hanna")
    await journey.time_passes(attempt, "overdue to karin", "overdue to bram")


async def test_another_lecturer_goes_on_with_what_was_agreed(journey: Journey, cast: Cast) -> None:
    _, attempt = await journey.running()
    told = ["lecturer-changed to wouter", "lecturer-changed to amira", "lecturer-changed to femke",
            "lecturer-changed to quinten"]  # fmt: skip
    await journey.then(cast.bram, "change_lecturer", attempt, *told)
    await journey.then(cast.wouter, "deliver", attempt, *DELIVERED)

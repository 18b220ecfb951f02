"""One question, several institutions: in order or at once, with a day to answer by, to success or to nobody."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from matching import letters as _letters  # noqa: F401 - registers whom letters propose next
from schemas.candidates import Candidate, candidates_of, room_for
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.due import run_due
from schemas.ledger import Entry
from schemas.needs import FaultyNeeds
from schemas.replay import differing
from schemas.standing import standing
from schemas.steps import MovedOn, NotYours, take_step
from schemas.subjects import Question, Trajectory
from schemas.supply import Edition, OfferLimit
from tests.asking import ROC, SAXION, UT, answer, ask, attempts, letters, states
from tests.cast import Cast, day
from tests.conftest import TODAY
from tests.story import Story

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clock")]


@pytest.fixture
async def question(engine: AsyncEngine, tell: Story) -> Question:
    async with writing(engine) as session:
        return await tell.matching(session)


async def test_in_order_the_next_is_proposed_with_the_reason_and_taken_by_hand(
    engine: AsyncEngine, cast: Cast, question: Question
) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, message="Past dit bij jullie?")
    assert await states(engine, question) == {UT: "offered"}
    await answer(engine, cast, question, UT, "decline")
    assert await states(engine, question) == {UT: "declined"}, "the coordinator decides on the next"
    [letter] = await letters(engine, "declined")
    assert letter.facts["given"]["reason"]["value"] == "Alle groepen zijn al verdeeld."
    assert letter.facts["next"]["offering"] == "International Project Week"
    assert (letter.facts["next"]["planned"], letter.facts["next"]["by_itself"]) == (True, False)
    async with writing(engine) as session:
        [_, waits] = await candidates_of(session, question)
        assert waits.trajectory_id is None
        story = Story(cast)
        found = await session.get_one(Question, question.id)
        [one] = [await story.offered(session, found, "saxion")]
        assert one.offering_id == SAXION
        [_, had] = await candidates_of(session, found)
        assert had.trajectory_id == one.id, "an offer by hand counts as its turn"
    await answer(engine, cast, question, SAXION, "take_on")
    assert await states(engine, question) == {UT: "declined", SAXION: "placing"}


async def test_by_itself_until_nobody_is_left(engine: AsyncEngine, cast: Cast, question: Question) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, ROC, by_itself="yes", answer_days=4)
    await answer(engine, cast, question, UT, "decline")
    assert await states(engine, question) == {UT: "declined", SAXION: "offered"}
    [told] = await letters(engine, "declined")
    assert told.facts["next"]["by_itself"] is True
    async with reading(engine) as session:
        offer = (await session.exec(select(Entry).where(Entry.step == "offer").order_by(col(Entry.id).desc()))).first()
        assert offer is not None
        assert (offer.role, offer.actor_id) == ("process", None)
        assert offer.needs["answer_by"] == told.facts["next"]["answer_by"]
    await answer(engine, cast, question, SAXION, "decline")
    await answer(engine, cast, question, ROC, "decline")
    assert set((await states(engine, question)).values()) == {"declined"}
    last = (await letters(engine, "declined"))[-1]
    assert last.facts["next"] is None or not last.facts["next"]["planned"]
    async with reading(engine) as session:
        assert (await session.get_one(Question, question.id)).state == "matching"
        assert await differing(session) == []


async def test_a_silent_institution_lapses_on_the_day_and_the_next_is_asked(
    engine: AsyncEngine, cast: Cast, question: Question, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, by_itself="yes", answer_days=6)
        [one] = await attempts(session, question)
        case = await open_case(session, one)
        assert [row.at for row in case.due("offered")] == ["2 wd", "4 wd", "6 wd"]
        assert standing(case, "nl").by == date(2026, 12, 2), "six working days after Tuesday 24 November"
    done = []
    while (await states(engine, question)) == {UT: "offered"}:
        async with writing(engine) as session:
            [one] = await attempts(session, question)
            assert one.due_at is not None
            clock.move_to(one.due_at + timedelta(minutes=1))
            done.append(await run_due(session, Trajectory, one.id, one.due_at + timedelta(minutes=1)))
            assert await differing(session) == []
    assert done == ["reminder", "reminder", "lapse"]
    assert await states(engine, question) == {UT: "lapsed", SAXION: "offered"}
    [coordinator] = [one for one in await letters(engine, "lapsed") if one.role == "coordinator"]
    assert coordinator.facts["next"]["by_itself"] is True


@pytest.mark.parametrize("change", ["extend", "suspend"])
async def test_the_day_moves_along_when_the_clock_is_stopped_or_extended(
    engine: AsyncEngine, cast: Cast, tell: Story, question: Question, change: str
) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, answer_days=6)
        [one] = await attempts(session, question)
        before = standing(await open_case(session, one), "nl").by
        needs = {"working_days": 3} if change == "extend" else {"resume_on": day(7)}
        await tell.take(session, one, change, cast.bram, **needs)
        if change == "suspend":
            await tell.take(session, one, "resume", cast.bram)
        after = standing(await open_case(session, one), "nl").by
        assert before
        assert after
        assert after >= before
        assert (after > before) == (change == "extend"), "resumed on the same day nothing is lost"
        assert await differing(session) == []


async def test_at_once_the_first_yes_takes_the_other_offers_back(
    engine: AsyncEngine, cast: Cast, question: Question
) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, ROC, order="at_once")
    assert await states(engine, question) == {UT: "offered", SAXION: "offered", ROC: "offered"}
    await answer(engine, cast, question, ROC, "decline")
    await answer(engine, cast, question, SAXION, "take_on")
    assert await states(engine, question) == {UT: "retracted", SAXION: "placing", ROC: "declined"}
    assert {one.email for one in await letters(engine, "retracted")} == {cast.femke.email, cast.quinten.email}
    with pytest.raises(MovedOn):
        await answer(engine, cast, question, UT, "take_on")


async def test_at_once_the_other_offers_may_stand(engine: AsyncEngine, cast: Cast, question: Question) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, order="at_once", others="keep")
    await answer(engine, cast, question, SAXION, "take_on")
    await answer(engine, cast, question, UT, "take_on")
    assert await states(engine, question) == {UT: "placing", SAXION: "placing"}


async def test_nobody_is_asked_over_the_limit(engine: AsyncEngine, cast: Cast, tell: Story, question: Question) -> None:
    async with writing(engine) as session:
        session.add(OfferLimit(institution_id="ut", most=1))
        await tell.offered(session)
    with pytest.raises(FaultyNeeds) as refused:
        async with writing(engine) as session:
            await ask(session, cast, question, UT, SAXION, order="at_once")
    assert [one.code for one in refused.value.faults] == ["cannot_at_limit"]
    assert await states(engine, question) == {}, "all or none"
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, by_itself="yes")
    assert await states(engine, question) == {SAXION: "offered"}, "who takes no more keeps its place"
    async with writing(engine) as session:
        limit = await session.get_one(OfferLimit, "ut")
        limit.most = 2
    await answer(engine, cast, question, SAXION, "decline")
    assert await states(engine, question) == {SAXION: "declined", UT: "offered"}


async def test_whoever_cannot_be_reached_any_more_is_passed_over_and_says_why(
    engine: AsyncEngine, cast: Cast, question: Question
) -> None:
    full, closed, missed = "ut:2026/27:2B", "ut:2027/28:1A", "ut:2026/27:1B"
    async with writing(engine) as session:
        session.add(Edition(offering_id=UT, term_id=full, seats=0))
        session.add(Edition(offering_id=UT, term_id=closed, open=False))
        rows = [Candidate(question_id=question.id, rank=9, institution_id="ut", offering_id=UT, term_id=term)
                for term in (full, closed, missed)]  # fmt: skip
        found = [(await room_for(session, one, TODAY.date())).why for one in rows]
        assert found == ["full", "closed", "missed"]
        await ask(session, cast, question, f"{UT}@{full}", SAXION)
    assert await states(engine, question) == {SAXION: "offered"}


async def test_the_answer_leaves_the_institution_time_before_the_hand_in_day(
    engine: AsyncEngine, cast: Cast, question: Question
) -> None:
    async with writing(engine) as session:
        session.add(Edition(offering_id=UT, term_id="ut:2026/27:2B", hand_in_by=date(2026, 12, 16)))
        await session.flush()
        await ask(session, cast, question, f"{UT}@ut:2026/27:2B")
        offer = (await session.exec(select(Entry).where(Entry.step == "offer"))).one()
        assert offer.needs["answer_by"] == "2026-12-02", "ten working days are left to place it"


@pytest.mark.parametrize(
    ("candidates", "code"),
    [
        (["bestaat-niet"], "unknown"),
        ([UT, f"{UT}@ut:2026/27:2B"], "twice_asked"),
        ([f"{UT}@saxion:2026/27:PW"], "unknown"),
    ],
)
async def test_what_makes_no_order(
    engine: AsyncEngine, cast: Cast, question: Question, candidates: list[str], code: str
) -> None:
    with pytest.raises(FaultyNeeds) as refused:
        async with writing(engine) as session:
            await ask(session, cast, question, *candidates)
    assert [(one.field, one.code) for one in refused.value.faults] == [("candidates", code)]


async def test_only_a_coordinator_asks_around(engine: AsyncEngine, cast: Cast, question: Question) -> None:
    for who in (cast.dirk, cast.amira, cast.femke, cast.lars, cast.frank):
        async with writing(engine) as session:
            with pytest.raises(NotYours):
                await take_step(session, await session.get_one(Question, question.id), "ask_around", who,
                                {"candidates": [UT], "order": "in_order"})  # fmt: skip
            await session.rollback()


async def test_a_new_order_replaces_the_one_before_and_a_new_round_begins_anew(
    engine: AsyncEngine, cast: Cast, tell: Story, question: Question
) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION)
        with pytest.raises(FaultyNeeds):
            await ask(session, cast, question, UT)
        await session.rollback()
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION)
    async with writing(engine) as session:
        await ask(session, cast, question, ROC)
        rows = [(one.offering_id, one.rank) for one in await candidates_of(session, question)]
        assert rows == [(UT, 1), (ROC, 3)]
        found = await session.get_one(Question, question.id)
        await tell.take(session, found, "reject", cast.bram)
        await tell.take(session, found, "reopen", cast.bram)
        assert list(await candidates_of(session, found)) == []


async def test_a_question_on_hold_asks_nobody_else(
    engine: AsyncEngine, cast: Cast, tell: Story, question: Question
) -> None:
    async with writing(engine) as session:
        await ask(session, cast, question, UT, SAXION, by_itself="yes")
        await tell.take(session, await session.get_one(Question, question.id), "hold", cast.bram)
    await answer(engine, cast, question, UT, "decline")
    assert await states(engine, question) == {UT: "declined"}

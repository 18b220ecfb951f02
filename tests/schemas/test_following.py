"""What follows from a step by itself: a question follows its trajectories, and they stop with it."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.needs import FaultyNeeds
from schemas.steps import CLOCK, PROCESS, MovedOn, NotYours
from schemas.subjects import Question
from tests.cast import Cast, day
from tests.ledger import letters_of, steps_of
from tests.story import Story


async def test_a_question_is_underway_from_the_first_agreement(engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        await tell.agreeing(session, question, "saxion")
        assert question.state == "matching"
        await tell.scheduled(session, question)
        assert (await steps_of(session, question))[-1] == "begin"
        await tell.scheduled(session, question, "artez")
        assert question.state == "underway"
        assert (await steps_of(session, question)).count("begin") == 1


@pytest.mark.parametrize(
    ("ending", "who", "by"),
    [("cancel", "scheduled", "femke"), ("cancel", "running", "chen"), ("refuse_result", "delivered", "amira")],
)
async def test_it_falls_back_only_when_no_trajectory_is_left(
    engine: AsyncEngine, tell: Story, cast: Cast, ending: str, who: str, by: str
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        first = await getattr(tell, who)(session, question)
        other = await tell.running(session, question, "saxion")
        await tell.offered(session, question, "artez")
        await tell.take(session, first, ending, cast.all[by])
        assert question.state == "underway"
        await tell.take(session, other, "cancel", cast.ivo)
        assert question.state == "matching"
        assert (await steps_of(session, question))[-1] == "fall_back"


async def test_offers_that_come_to_nothing_leave_the_question_where_it_is(engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        await tell.declined(session, question)
        await tell.lapsed(session, question, "saxion")
        assert question.state == "matching"
        assert {"begin", "fall_back"}.isdisjoint(await steps_of(session, question))


async def test_an_accepted_result_answers_the_question_and_others_run_on(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        other = await tell.running(session, question, "saxion")
        await tell.completed(session, question)
        assert (question.state, other.state) == ("answered", "running")
        assert await letters_of(session, question, "conclude") == ["answered to amira"]
        await tell.take(session, other, "cancel", cast.ivo)
        assert question.state == "answered"


@pytest.mark.parametrize("ending", ["withdraw", "reject", "redirect", "merge", "unmatch"])
async def test_trajectories_stop_with_their_question(engine: AsyncEngine, tell: Story, cast: Cast, ending: str) -> None:
    async with writing(engine) as session:
        target = await tell.screening(session, cast.gijs)
        question = await tell.matching(session)
        declined = await tell.declined(session, question, "artez")
        open_ones = [await tell.offered(session, question), await tell.agreeing(session, question, "saxion")]
        by = cast.amira if ending == "withdraw" else cast.bram
        more = {"other_question": target.ref} if ending == "merge" else {}
        await tell.take(session, question, ending, by, **more)
        assert [one.state for one in (*open_ones, declined)] == ["cancelled", "cancelled", "declined"]
        assert (await steps_of(session, question))[-3:] == [ending, "stop", "stop"]
        assert all(one.due_at is None for one in open_ones)


async def test_withdrawing_underway_stops_all_and_tells_all(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        running = await tell.running(session, question)
        delivered = await tell.delivered(session, question, "saxion")
        await tell.take(session, question, "withdraw", cast.amira)
        assert (question.state, running.state, delivered.state) == ("withdrawn", "cancelled", "cancelled")
        assert set(await letters_of(session, question, "withdraw")) == {
            f"withdrawn to {name}" for name in ("amira", "bram", "femke", "quinten", "ivo", "roos", "chen", "xandra")
        }


@pytest.mark.parametrize("state", ["screening", "triage", "matching"])
async def test_a_question_on_hold_wakes_where_it_was(engine: AsyncEngine, tell: Story, cast: Cast, state: str) -> None:
    async with writing(engine) as session:
        question = await getattr(tell, state)(session)
        await tell.take(session, question, "hold", cast.bram)
        assert (question.state, question.until and question.until.isoformat()) == ("on_hold", day(90))
        assert await letters_of(session, question, "hold") == ["held to amira"]
        await tell.take(session, question, "wake", CLOCK)
        assert question.state == state
        assert await letters_of(session, question, "wake") == ["woken to amira", "woken to bram"]


async def test_what_is_agreed_while_the_question_is_on_hold_is_not_lost(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        one = await tell.agreeing(session, question)
        await tell.take(session, question, "hold", cast.bram)
        await tell.take(session, one, "agree", cast.chen)
        await tell.take(session, one, "agree", cast.amira)
        await tell.take(session, question, "wake", cast.bram)
        assert (question.state, (await steps_of(session, question))[-1]) == ("underway", "begin")


async def test_a_result_accepted_while_the_question_is_on_hold_answers_it(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        one = await tell.placing(session, question)
        await tell.take(session, question, "hold", cast.bram)
        for step, by in (
            ("place", cast.femke), ("agree", cast.chen), ("agree", cast.amira), ("start", cast.chen),
            ("deliver", cast.chen), ("accept_result", cast.amira),
        ):  # fmt: skip
            await tell.take(session, one, step, by)
        assert (one.state, question.state) == ("completed", "answered")


async def test_a_day_that_has_been_is_no_day_to_wait_for(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
        for until in (day(0), day(-1)):
            with pytest.raises(FaultyNeeds, match="until: not_in_future"):
                await tell.take(session, question, "hold", cast.bram, until=until)


async def test_merging_names_a_living_question(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        target = await tell.screening(session, cast.gijs)
        question = await tell.screening(session)
        ended = await tell.rejected(session)
        for given, fault in (
            (question.ref, "unknown"), (ended.ref, "ended"), ("ES-2026-9999-1", "typing_error"),
            (f"{target.ref}"[:-1] + "*", "typing_error"), ("nonsense", "typing_error"),
        ):  # fmt: skip
            with pytest.raises(FaultyNeeds, match=f"other_question: {fault}"):
                await tell.take(session, question, "merge", cast.bram, other_question=given)
        await tell.take(session, question, "merge", cast.bram, other_question=f" {str(target.ref).lower()} ")
        assert (question.state, question.merged_into_id) == ("merged", target.id)
        assert await letters_of(session, question, "merge") == ["merged to amira", "merged to gijs"]


async def test_parts_are_questions_of_their_own(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    from sqlmodel import col, select

    async with writing(engine) as session:
        whole = await tell.matching(session)
        await tell.take(session, whole, "split", cast.bram)
        query = select(Question).where(Question.part_of_id == whole.id).order_by(col(Question.id))
        parts = (await session.exec(query)).all()
        assert whole.state == "matching"
        assert [one.title for one in parts] == ["Waar willen fietsers stallen?", "Hoe houd je looproutes vrij?"]
        assert len({whole.ref, *(one.ref for one in parts)}) == 3
        for part in parts:
            assert (part.state, part.version, part.owner_id) == ("matching", 1, whole.owner_id)
            assert part.due_at is not None
            assert await steps_of(session, part) == ["split"]
            trajectory = await tell.scheduled(session, part)
            assert trajectory.ref == f"{part.ref}.1"
            assert part.state == "underway"


async def test_a_new_owner_is_asked_and_the_old_one_told(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.underway(session)
        await tell.take(session, question, "change_owner", cast.hanna)
        assert (question.owner_id, question.old_owner_id) == (cast.marloes.id, cast.amira.id)
        assert await letters_of(session, question, "change_owner") == [
            "owner-changed to amira", "owner-changed to chen", "confirm-ownership to marloes",
        ]  # fmt: skip
        with pytest.raises(NotYours):
            await tell.take(session, question, "withdraw", cast.amira)
        await tell.take(session, question, "confirm_ownership", cast.marloes)
        assert (question.state, question.owner_confirmed) == ("underway", True)
        with pytest.raises(MovedOn):
            await tell.take(session, question, "confirm_ownership", cast.marloes)


async def test_a_partner_picks_up_or_hands_back(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.redirected(session)
        assert await letters_of(session, question, "redirect") == ["redirected to amira", "please-pick-up to daan"]
        with pytest.raises(NotYours):
            await tell.take(session, question, "pick_up", cast.fleur)
        await tell.take(session, question, "pick_up", cast.daan)
        assert (question.state, question.picked_up) == ("redirected", True)
        assert await letters_of(session, question, "pick_up") == ["picked-up to amira", "picked-up to bram"]
        with pytest.raises(MovedOn):
            await tell.take(session, question, "pick_up", cast.daan)
        await tell.take(session, question, "hand_back", cast.daan)
        assert question.state == "screening"
        await tell.take(session, question, "redirect", cast.bram, target="own-hr")
        assert question.picked_up is False
        await tell.take(session, question, "pick_up", cast.fleur)


async def test_the_answer_may_name_another_owner_who_is_asked_first(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question = await tell.submitted(session, cast.jonas)
        await tell.take(session, question, "refuse_ownership", cast.amira)
        assert await letters_of(session, question, "refuse_ownership") == [
            "ownership-refused to jonas", "ownership-refused to bram",
        ]  # fmt: skip
        for half in ({"owner_name": "Marloes Dekker"}, {"owner_email": cast.marloes.email}):
            with pytest.raises(FaultyNeeds, match="missing"):
                await tell.take(session, question, "clarify", cast.jonas, **half)
        await tell.take(
            session, question, "clarify", cast.jonas, owner_name="Marloes Dekker", owner_email=cast.marloes.email
        )
        assert (question.state, question.owner_id) == ("submitted", cast.marloes.id)
        assert await letters_of(session, question, "clarify") == ["clarified to bram", "confirm-ownership to marloes"]
        await tell.take(session, question, "confirm_ownership", cast.marloes)
        assert question.state == "screening"
        await tell.take(session, question, "ask_back", cast.bram)
        await tell.take(session, question, "clarify", cast.marloes)
        assert question.state == "screening"
        assert len(question.form["answers"]) == 2


async def test_nobody_takes_what_belongs_to_the_process(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        for person in (*cast.all.values(), CLOCK):
            with pytest.raises(NotYours):
                await tell.take(session, question, "begin", person)
        with pytest.raises(MovedOn):
            await tell.take(session, question, "begin", PROCESS)

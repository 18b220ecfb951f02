"""The steering group: decided by more than half or by the last vote, never before it is certain; and decided once."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import cooperation_of, open_case
from schemas.database import reading, writing
from schemas.needs import FaultyNeeds
from schemas.rules import Role
from schemas.steps import CLOCK, MovedOn, NotYours, open_steps
from schemas.subjects import Question, Vote
from schemas.versions import keep, rules_of
from tests.cast import Cast
from tests.ledger import letters_of, steps_of
from tests.story import Story


async def under(session: AsyncSession, question: Question, **rules: object) -> None:
    """Let the question run under these rules of the city."""
    cooperation = await cooperation_of(session)
    city = cooperation.data | {"committee": rules} if "mandate" not in rules else cooperation.data | rules
    question.process_id = await keep(session, rules_of(city))


async def test_when_the_term_ends_the_rules_decide(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        with pytest.raises(MovedOn):  # this city has agreed on nothing for that case
            await tell.take(session, question, "close_vote", CLOCK)
        await under(session, question, quorum=1.0, default_at_deadline="accept")
        await tell.take(session, question, "vote", cast.lars, vote="hold", until="2027-03-01", reason="Later.")
        await tell.take(session, question, "close_vote", CLOCK)
        assert question.state == "matching"
        assert (await steps_of(session, question))[-2:] == ["close_vote", "accept"]


async def test_when_the_term_ends_the_votes_go_before_the_default(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        await under(session, question, quorum=0.3, default_at_deadline="accept")
        for member in (cast.lars, cast.mona):
            await tell.take(session, question, "vote", member, vote="reject", reason="Past niet.")
        await tell.take(session, question, "close_vote", CLOCK)
        assert question.state == "rejected"


async def test_who_has_an_interest_does_not_count(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        for member in (cast.lars, cast.mona):
            await tell.take(session, question, "vote", member, vote="conflict", reason="Mijn dienst vraagt dit.")
        for member in (cast.niels, cast.eva):
            await tell.take(session, question, "vote", member)
            assert question.state == "triage"
        await tell.take(session, question, "vote", cast.olga)
        assert question.state == "matching"  # three of the four that count


async def test_the_coordinator_decides_alone_within_the_mandate(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
        await under(session, question, mandate=["reject"])
        case = await open_case(session, question)
        open_now = open_steps(case, {Role.COORDINATOR})
        assert {"reject", "put_forward"} <= open_now.keys()
        assert not {"accept", "redirect", "merge", "hold"} & open_now.keys()
        with pytest.raises(NotYours):
            await tell.take(session, question, "accept", cast.bram)
        await tell.take(session, question, "reject", cast.bram)
        assert question.state == "rejected"


async def test_the_fourth_of_six_equal_votes_decides(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        for member in (cast.lars, cast.mona, cast.eva):
            await tell.take(session, question, "vote", member)
            assert question.state == "triage"
        await tell.take(session, question, "vote", cast.olga)
        assert (question.state, question.route) == ("matching", "thesis")
        assert (await steps_of(session, question))[-3:] == ["vote", "vote", "accept"]
        assert await letters_of(session, question, "accept") == ["accepted to amira"]
        with pytest.raises(MovedOn):
            await tell.take(session, question, "vote", cast.pieter)


async def test_a_tie_goes_the_way_of_the_chair(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        for member in (cast.lars, cast.mona, cast.niels):
            await tell.take(session, question, "vote", member)
        for member in (cast.eva, cast.olga, cast.pieter):
            await tell.take(session, question, "vote", member, vote="reject", reason=f"Omdat {member.name} dat vindt.")
        assert question.state == "rejected"
        entry = (await steps_of(session, question))[-1]
        assert entry == "reject"


async def test_a_changed_mind_replaces_a_vote(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        for member in (cast.lars, cast.mona, cast.niels):
            await tell.take(session, question, "vote", member, vote="abstain")
        for _ in range(4):
            await tell.take(session, question, "vote", cast.eva)
        assert question.state == "triage"
        votes = (await session.exec(select(Vote).where(Vote.question_id == question.id))).all()
        assert len(votes) == 4


async def test_votes_of_an_earlier_round_do_not_count(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        for member in (cast.lars, cast.mona, cast.niels):
            await tell.take(session, question, "vote", member)
        await tell.take(session, question, "ask_back", cast.bram)
        await tell.take(session, question, "clarify", cast.amira)
        await tell.take(session, question, "put_forward", cast.bram)
        assert question.round == 2
        await tell.take(session, question, "vote", cast.olga)
        assert question.state == "triage"


async def test_a_vote_takes_what_it_lacks_from_the_advice(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
        await tell.take(session, question, "put_forward", cast.bram, advice="redirect", target="own-hr")
        for member in cast.committee[:4]:
            await tell.take(session, question, "vote", member, vote="redirect")
        assert (question.state, question.target_id) == ("redirected", "own-hr")
        assert await letters_of(session, question, "redirect") == ["redirected to amira", "please-pick-up to fleur"]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"vote": "redirect"}, "target: missing"),
        ({"vote": "redirect", "target": "ut"}, "target: unknown"),
        ({"vote": "redirect", "target": "nowhere"}, "target: unknown"),
        ({"vote": "hold"}, "until: missing"),
        ({"vote": "hold", "until": "2026-11-23"}, "until: not_in_future"),
        ({"vote": "perhaps"}, "vote: not_a_choice"),
    ],
)
async def test_a_vote_that_could_not_be_carried_out_is_refused_at_once(
    engine: AsyncEngine, tell: Story, cast: Cast, given: dict[str, str], fault: str
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        with pytest.raises(FaultyNeeds, match=fault):
            await tell.take(session, question, "vote", cast.lars, **given)


async def test_only_members_vote_and_no_member_decides_alone(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        for stranger in (cast.bram, cast.amira, cast.femke, cast.frank, cast.greta, cast.dirk):
            with pytest.raises(NotYours):
                await tell.take(session, question, "vote", stranger)
        for step in ("accept", "reject", "redirect", "hold"):
            with pytest.raises(NotYours):
                await tell.take(session, question, step, cast.eva)


async def test_all_at_once_decide_once(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async def vote(question_id: int, name: str) -> None:
        async with writing(engine) as session:
            question = await session.get_one(Question, question_id)
            await tell.take(session, question, "vote", cast.all[name])

    async with writing(engine) as session:
        ids = [(await tell.triage(session)).id for _ in range(5)]
    for one in ids:
        votes = [vote(one, member.name.split()[0].lower()) for member in cast.committee]
        done = await asyncio.gather(*votes, return_exceptions=True)
        assert [type(error) for error in done if error] == [MovedOn, MovedOn], done
        async with reading(engine) as session:
            steps = await steps_of(session, await session.get_one(Question, one))
            assert steps == ["submit", "put_forward", *["vote"] * 4, "accept"]

"""Votes recorded in a meeting: by the rules, with the minority kept, and one decision per round whatever happens."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import open_case
from schemas.committee import votes_of, why_undecided
from schemas.database import reading, writing
from schemas.ledger import Entry
from schemas.meetings import Decision
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.planning import close
from schemas.steps import NotYours
from schemas.subjects import Question
from tests.cast import Cast
from tests.ledger import letters_of, steps_of
from tests.schemas.test_committee import under
from tests.sitting import ballots, sitting
from tests.story import Story


async def decided(session: AsyncSession, question: Question) -> Decision:
    return (await session.exec(select(Decision).where(Decision.question_id == question.id))).one()


async def test_the_votes_of_a_meeting_decide_and_the_minority_is_kept(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast, *cast.committee[:5])
        votes = ballots("accept", *cast.committee[:3]) | ballots("reject", cast.niels, niels="Te klein.")
        votes |= ballots("abstain", cast.olga)
        entry = await tell.take(session, question, "decide_in_meeting", cast.bram, meeting=str(meeting.id),
                                ballots=votes, reason="Een open vraag.")  # fmt: skip
        assert (entry.actor_id, entry.role) == (cast.bram.id, "coordinator")
        assert (question.state, question.route) == ("matching", "thesis")
        assert (await steps_of(session, question))[-2:] == ["decide_in_meeting", "accept"]
        assert await letters_of(session, question, "accept") == ["accepted to amira"]
        one = await decided(session, question)
        assert (one.how, one.meeting_id, one.members, one.count("accept")) == ("decide_in_meeting", meeting.id, 6, 3)
        assert one.against == [{"person": cast.niels.id, "vote": "reject", "reason": "Te klein."}]
        accepted = await session.get_one(Entry, one.entry_id)
        assert accepted.needs["reason"] == "Een open vraag."


async def test_a_vote_cast_beforehand_stays_as_its_member_wrote_it(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast)
        await tell.take(session, question, "vote", cast.lars, vote="reject", reason="Dit meten wij al.")
        await tell.take(session, question, "vote", cast.mona, vote="abstain")
        votes = ballots("reject", cast.lars) | ballots("accept", *cast.committee[2:])
        await tell.take(session, question, "decide_in_meeting", cast.eva, meeting=str(meeting.id), ballots=votes)
        kept = {one["person"]: one for one in (await decided(session, question)).votes}
        assert kept[cast.lars.id] == {"person": cast.lars.id, "vote": "reject", "reason": "Dit meten wij al."}
        assert kept[cast.mona.id]["vote"] == "accept"
        assert cast.eva.id not in kept  # she recorded the votes, and did not vote


async def test_without_a_quorum_or_a_majority_nothing_is_decided(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast)
        await under(session, question, quorum=0.5, majority="absolute", default_at_deadline="accept")
        for votes, why in (
            (ballots("accept", cast.lars, cast.mona), "quorum"),
            (ballots("accept", *cast.committee[:3]) | ballots("hold", *cast.committee[3:]), "majority"),
        ):
            await tell.take(session, question, "decide_in_meeting", cast.bram, meeting=str(meeting.id), ballots=votes,
                            until="2027-06-01", reason="Later.")  # fmt: skip
            assert question.state == "triage"  # the default is for the end of the term alone
            assert await why_undecided(await open_case(session, question)) == why


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"meeting": "999"}, "meeting: unknown"),
        ({"meeting": "x"}, "meeting: unknown"),
        ({"ballots": {}}, "ballots: missing"),
        ({"ballots": {"1": {"vote": "perhaps"}}}, "ballots.1: not_a_choice"),
        ({"ballots": {"x": {"vote": "accept"}}}, "ballots.x: wrong"),
        ({"ballots": {"999999": {"vote": "accept"}}}, "ballots.999999: not_present"),
    ],
)
async def test_what_a_meeting_cannot_record_is_told(
    engine: AsyncEngine, tell: Story, cast: Cast, changes: dict[str, object], fault: str
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast)
        right = {"meeting": str(meeting.id), "ballots": ballots("accept", cast.lars)}
        with pytest.raises(FaultyNeeds, match=fault):
            await tell.take(session, question, "decide_in_meeting", cast.bram, **right | changes)


async def test_nobody_votes_who_is_not_there_and_nothing_in_a_closed_meeting(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast, cast.eva, cast.lars)
        given = {"meeting": str(meeting.id), "ballots": ballots("accept", cast.eva, cast.mona)}
        with pytest.raises(FaultyNeeds, match=f"ballots.{cast.mona.id}: not_present"):
            await tell.take(session, question, "decide_in_meeting", cast.bram, **given)
        for stranger in (cast.lars, cast.amira, cast.frank, cast.dirk):
            with pytest.raises(NotYours):
                await tell.take(session, question, "decide_in_meeting", stranger, **given)
        close(meeting, now())
        with pytest.raises(FaultyNeeds, match="meeting: meeting_over"):
            await tell.take(session, question, "decide_in_meeting", cast.bram, **given)


async def test_the_database_itself_allows_one_decision_per_round(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        await tell.take(session, question, "accept", cast.bram)
        first = await decided(session, question)
        assert (first.how, first.step) == ("", "accept")  # the coordinator, within the mandate
        session.add(Decision(**first.model_dump(exclude={"id"})))
        with pytest.raises(IntegrityError):
            await session.flush()
        await session.rollback()


async def test_of_two_screens_at_once_one_decides(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        ids = [(await tell.triage(session)).id for _ in range(4)]
        meeting = str((await sitting(session, cast)).id)

    async def record(question_id: int, vote: str) -> None:
        async with writing(engine) as session:
            question = await session.get_one(Question, question_id)
            await tell.take(session, question, "decide_in_meeting", cast.bram, meeting=meeting, reason="Zo besloten.",
                            ballots=ballots(vote, *cast.committee))  # fmt: skip

    for one in ids:
        done = await asyncio.gather(record(one, "accept"), record(one, "reject"), return_exceptions=True)
        assert sorted(type(error).__name__ for error in done) == ["MovedOn", "NoneType"], done
        async with reading(engine) as session:
            question = await session.get_one(Question, one)
            assert (await decided(session, question)).step == {"matching": "accept", "rejected": "reject"}[
                question.state
            ]
            assert len(await votes_of(await open_case(session, question))) == 6

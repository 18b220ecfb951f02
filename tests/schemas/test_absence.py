"""Who stands in for whom: always somebody, in a bounded number of looks, however people name each other."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from notifications.letters import render
from schemas.absence import DEPTH, Absence, go_away, in_whose_place, resolve
from schemas.database import writing
from schemas.ledger import Letter
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.steps import NotYours, SameEyes
from schemas.subjects import Question, Vote
from tests.cast import Cast, Somebody, day
from tests.ledger import letters_of
from tests.story import Story

PEOPLE = st.integers(1, 8)
AWAY = st.dictionaries(PEOPLE, PEOPLE)


@given(AWAY, PEOPLE)
def test_whoever_does_the_work_is_there_or_is_the_person_themselves(away: dict[int, int], person: int) -> None:
    found = resolve(away, person)
    assert found == person or found not in away


@given(AWAY, PEOPLE)
def test_nobody_is_further_away_than_the_bound(away: dict[int, int], person: int) -> None:
    row = [person]
    while row[-1] in away and len(row) <= DEPTH:
        row.append(away[row[-1]])
    assert resolve(away, person) in row


@given(AWAY, PEOPLE)
def test_one_acts_for_exactly_those_whose_letters_one_gets(away: dict[int, int], person: int) -> None:
    assert in_whose_place(away, person) == [
        one for one in sorted(away) if one != person and resolve(away, one) == person
    ]


def test_a_round_of_people_who_name_each_other_leads_back_to_each() -> None:
    away = {1: 2, 2: 3, 3: 1}
    assert [resolve(away, one) for one in away] == [1, 2, 3]


async def away(engine: AsyncEngine, who: Somebody, substitute: Somebody, days: int = 14) -> None:
    today = now().date()
    async with writing(engine) as session:
        planned = Absence(person_id=who.id, substitute_id=substitute.id, starts_on=today,
                          ends_on=today + timedelta(days=days), made_by_id=who.id)  # fmt: skip
        await go_away(session, planned, today)


async def test_the_substitute_decides_and_both_names_stand_in_the_ledger(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    await away(engine, cast.bram, cast.greta)
    async with writing(engine) as session:
        question = await tell.asked(session)
        assert "new-question to greta" in await letters_of(session, question, "submit")
        entry = await tell.take(session, question, "accept", cast.greta)
        assert (entry.actor_id, entry.for_id, entry.role) == (cast.greta.id, cast.bram.id, "coordinator")


async def test_a_letter_says_in_whose_place_one_gets_it(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    await away(engine, cast.amira, cast.jonas)
    async with writing(engine) as session:
        await tell.accepted(session, owner=cast.amira)
        letter = (await session.exec(select(Letter).where(Letter.name == "accepted", Letter.role == "owner"))).one()
    assert (letter.recipient_id, letter.facts["in_place_of"]) == (cast.jonas.id, cast.amira.name)
    assert cast.amira.name in render("accepted", "en", letter.facts, {}).text.split("\n\n")[1]


async def test_when_the_absence_is_over_the_substitute_may_no_longer(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    await away(engine, cast.bram, cast.dirk, days=3)
    async with writing(engine) as session:
        question = await tell.asked(session)
    clock.shift(timedelta(days=4))
    with pytest.raises(NotYours):
        async with writing(engine) as session:
            await tell.take(session, await session.get_one(Question, question.id), "accept", cast.dirk)


async def test_one_human_does_not_agree_for_both_sides(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    await away(engine, cast.chen, cast.amira)
    async with writing(engine) as session:
        one = await tell.agreeing(session)
        await tell.take(session, one, "agree", cast.amira)
        with pytest.raises(SameEyes):
            await tell.take(session, one, "agree", cast.amira)
        assert (one.state, one.agreed_by) == ("agreeing", ["owner"])


async def test_who_delivered_for_the_lecturer_does_not_accept_as_the_owner(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    await away(engine, cast.chen, cast.amira)
    async with writing(engine) as session:
        one = await tell.running(session)
        assert (await tell.take(session, one, "deliver", cast.amira)).for_id == cast.chen.id
        with pytest.raises(SameEyes):
            await tell.take(session, one, "accept_result", cast.amira)
        assert one.state == "delivered"


async def test_a_member_who_stands_in_for_another_still_has_one_vote(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    await away(engine, cast.lars, cast.mona)
    await away(engine, cast.niels, cast.dirk)
    await away(engine, cast.olga, cast.dirk)
    async with writing(engine) as session:
        question = await tell.triage(session)
        for voter in (cast.mona, cast.mona, cast.dirk, cast.dirk):
            await tell.take(session, question, "vote", voter, vote="hold", until=day(30), reason="Later.")
        votes = list(await session.exec(select(Vote.person_id).where(Vote.question_id == question.id)))
    assert sorted(votes) == sorted([cast.mona.id, cast.niels.id])


async def test_people_cannot_leave_each_other_without_anybody(engine: AsyncEngine, cast: Cast) -> None:
    await away(engine, cast.bram, cast.greta)
    await away(engine, cast.greta, cast.eva)
    for who, substitute, code in (
        (cast.eva, cast.bram, "nobody_there"),
        (cast.lars, cast.lars, "yourself"), (cast.bram, cast.eva, "away_already"),
    ):  # fmt: skip
        with pytest.raises(FaultyNeeds) as refused:
            await away(engine, who, substitute)
        assert [fault.code for fault in refused.value.faults] == [code]

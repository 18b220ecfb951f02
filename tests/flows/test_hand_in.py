"""What questions can reach is worked out by itself; letters about a hand-in day come in time, and once."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from flows.hand_in import owe_letters
from flows.post import write
from flows.prospects import look_again
from flows.waiting import look
from flows.work import Hands, Work
from matching.offerings import QuestionText
from schemas.case import calendar_of, cooperation_of
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.parties import Offering
from schemas.prospects import HandInTold, Prospect, next_letter, stage
from schemas.steps import take_step
from schemas.subjects import Question
from schemas.supply import Edition, edition_of
from tests.cast import Cast
from tests.matching.texts import BIKES, RAIN
from tests.story import Story

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("clock")]


def form(text: QuestionText) -> dict[str, Any]:
    return {name: getattr(text, name) for name in ("title", "situation", "wanted", "use")}


async def work_out(engine: AsyncEngine) -> None:
    await look_again.fn(Work("prospects", Hands(engine)))


async def tell_all(engine: AsyncEngine) -> None:
    await owe_letters.fn(Work("hand_in", Hands(engine)))


async def near(engine: AsyncEngine) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).where(Letter.name == "hand-in-near").order_by(col(Letter.id))))


async def prospects_of(engine: AsyncEngine, question: Question) -> list[Prospect]:
    async with reading(engine) as session:
        query = select(Prospect).where(Prospect.question_id == question.id).order_by(col(Prospect.score).desc())
        return list(await session.exec(query))


async def set_day(engine: AsyncEngine, question: Question, by: date) -> Prospect:
    """The best fitting edition of a question must be handed in for by this day, the others much later."""
    first, *_ = await prospects_of(engine, question)
    async with writing(engine) as session:
        edition = await edition_of(session, first.offering_id, first.term_id)
        edition = edition or Edition(offering_id=first.offering_id, term_id=first.term_id)
        edition.hand_in_by, edition.seats = by, 2
        session.add(edition)
        (await session.get_one(Question, question.id)).look_at = question.since
    await work_out(engine)
    [row] = [one for one in await prospects_of(engine, question)
             if (one.offering_id, one.term_id) == (first.offering_id, first.term_id)]  # fmt: skip
    assert row.hand_in_by == by
    return row


def test_each_stage_lasts_a_week_and_what_was_missed_longer_is_not_caught_up() -> None:
    day = date(2027, 2, 8)
    told = {n: stage(day, day - timedelta(days=n)) for n in (57, 56, 50, 49, 28, 22, 21, 8, 7, 1, 0, -1)}
    assert told == {57: None, 56: 8, 50: 8, 49: None, 28: 4, 22: 4, 21: None, 8: None, 7: 1, 1: 1, 0: None, -1: None}


async def test_a_question_in_matching_is_looked_at_once_and_again_after_a_change(
    engine: AsyncEngine, cast: Cast, tell: Story
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session, **form(BIKES))
    assert (await look(engine)).prospects
    await work_out(engine)
    assert not (await look(engine)).prospects
    rows = await prospects_of(engine, question)
    assert 0 < len(rows) <= 5
    async with writing(engine) as session:
        found = await session.get_one(Question, question.id)
        assert found.hand_in_by == min(row.hand_in_by for row in rows)
        await tell.take(session, found, "prefer", cast.bram)
        await tell.take(session, found, "hold", cast.bram)
    assert (await look(engine)).prospects
    await work_out(engine)
    assert await prospects_of(engine, question) == []
    async with reading(engine) as session:
        found = await session.get_one(Question, question.id)
        assert (found.hand_in_by, found.look_at) == (None, None)


async def test_one_letter_to_each_about_all_that_can_still_make_it(
    engine: AsyncEngine, cast: Cast, tell: Story, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        one = await tell.matching(session, **form(BIKES))
        two = await tell.matching(session, cast.marloes, **form(RAIN))
    await work_out(engine)
    by = date(2027, 1, 21)
    rows = [await set_day(engine, question, by) for question in (one, two)]
    assert not (await look(engine)).hand_in, "in the morning eight weeks before, not sooner"
    async with reading(engine) as session:
        calendar = await calendar_of(session, await cooperation_of(session))
        assert next_letter(by, date(2026, 11, 24), calendar) == rows[0].tell_at
    clock.move_to(rows[0].tell_at + timedelta(minutes=1) if rows[0].tell_at else 0)
    assert (await look(engine)).hand_in
    await asyncio.gather(*(tell_all(engine) for _ in range(3)))
    found = {letter.email: letter for letter in await near(engine)}
    assert len(await near(engine)) == len(found) == 3
    assert set(found) == {cast.bram.email, cast.amira.email, cast.marloes.email}
    coordinator, owner = found[cast.bram.email], found[cast.amira.email]
    assert coordinator.facts["hand_in"]["count"] == 2
    assert coordinator.question_id is None
    assert (owner.question_id, owner.facts["hand_in"]["count"]) == (one.id, 1)
    assert {one["by"] for one in coordinator.facts["hand_in"]["questions"]} >= {by.isoformat()}
    assert "2 vragen" in write(coordinator).rendered.subject
    assert "21 januari 2027" in write(coordinator).rendered.text
    assert "/board" in write(coordinator).rendered.text
    assert "/l/" in write(owner).rendered.text
    assert not (await look(engine)).hand_in
    await work_out(engine)
    await tell_all(engine)
    assert len(await near(engine)) == 3, "once for a question, a term and a stage"


async def test_a_broker_who_has_not_answered_is_told_and_what_is_settled_or_full_is_not(
    engine: AsyncEngine, cast: Cast, tell: Story, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        offered = await tell.matching(session, **form(BIKES))
        placed = await tell.matching(session, cast.marloes, **form(BIKES))
        full = await tell.matching(session, cast.gijs, **form(RAIN))
        triage = await tell.triage(session, cast.karin, **form(RAIN))
    await work_out(engine)
    by = date(2027, 1, 21)
    rows = {one.ref: await set_day(engine, one, by) for one in (offered, full)}
    async with writing(engine) as session:
        first = rows[offered.ref]
        for one in (offered, placed):
            question = await session.get_one(Question, one.id)
            needs = {"candidates": [first.offering_id], "order": "in_order", "answer_days": 60}
            await take_step(session, question, "ask_around", cast.bram, needs)
        attempt = await tell.placing(session, await session.get_one(Question, placed.id))
        await tell.take(session, attempt, "place", cast.femke)
        edition = await edition_of(session, rows[full.ref].offering_id, rows[full.ref].term_id)
        assert edition
        edition.seats = 0
    clock.move_to(rows[offered.ref].tell_at + timedelta(minutes=1) if first.tell_at else 0)
    await tell_all(engine)
    async with reading(engine) as session:
        names = {
            one.ref: (await session.get_one(Offering, rows[one.ref].offering_id)).name_nl for one in (offered, full)
        }
    told = {letter.email: [(one["ref"], one["offering"]) for one in letter.facts["hand_in"]["questions"]]
            for letter in await near(engine)}  # fmt: skip
    assert (offered.ref, names[offered.ref]) in told[cast.bram.email]
    assert (full.ref, names[full.ref]) not in told[cast.bram.email], "in a full edition nothing can be handed in"
    brokers = [one for one in (cast.femke, cast.quinten, cast.ivo, cast.roos, cast.sanne, cast.ursula)
               if one.organisation == first.institution_id]  # fmt: skip
    assert brokers
    assert all((offered.ref, names[offered.ref]) in told[one.email] for one in brokers)
    assert {cast.marloes.email, cast.karin.email}.isdisjoint(told), "settled, and not decided on"
    assert triage.state == "triage"


async def test_a_crash_leaves_all_or_nothing(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session, **form(BIKES))
    await work_out(engine)
    row = await set_day(engine, question, date(2027, 1, 21))
    clock.move_to(row.tell_at + timedelta(minutes=1) if row.tell_at else 0)

    async def dies(*_: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("flows.hand_in.owe_near", dies)
        with pytest.raises(RuntimeError, match="killed"):
            await tell_all(engine)
    async with reading(engine) as session:
        assert list(await session.exec(select(HandInTold))) == []
    assert await near(engine) == []
    await tell_all(engine)
    assert len(await near(engine)) == 2

"""The clock: every term of both tables, walked through by moving time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from schemas.birth import begin_draft, fill
from schemas.case import open_case
from schemas.database import open_engine, reading, writing
from schemas.due import REASONS, due_ids, run_due
from schemas.guards import holds
from schemas.ledger import Entry, Letter
from schemas.moment import now
from schemas.parties import Person
from schemas.process import MACHINES
from schemas.running import next_due
from schemas.steps import Actor, MovedOn, take_step
from schemas.subjects import Question, Subject, Trajectory
from schemas.words import languages, word
from tests.cast import Cast, Somebody, form
from tests.databases import KADESTAD, sqlite_url
from tests.databases import fill as fill_database
from tests.ledger import letters_of, steps_of
from tests.story import Story

RESTS = [
    pytest.param(machine.name, state, id=f"{machine.name}-{state}")
    for machine in MACHINES.values()
    for state, row in machine.states.items()
    if row.due
]
TABLES: dict[str, type[Subject]] = {"question": Question, "trajectory": Trajectory}


async def wait(engine: AsyncEngine, clock: time_machine.Traveller, subject: Subject) -> str | None:
    """Sleep until the subject's next term ends, and see what the clock does then."""
    assert subject.due_at is not None
    async with writing(engine) as session:
        assert subject.id not in await due_ids(session, type(subject), subject.due_at - timedelta(seconds=1), 9)
    clock.move_to(subject.due_at)
    async with writing(engine) as session:
        assert subject.id in await due_ids(session, type(subject), now(), 9)
        return await run_due(session, type(subject), subject.id, now())


@pytest.mark.parametrize(("machine", "state"), RESTS)
async def test_whatever_rests_is_looked_after(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller, machine: str, state: str
) -> None:
    async with writing(engine) as session:
        subject = await tell.state(session, machine, state)
    for n, due in enumerate(MACHINES[machine].states[state].due):
        async with reading(engine) as session:
            subject = await session.get_one(TABLES[machine], subject.id)
            case = await open_case(session, subject)
            assert (subject.due_at, subject.due_n) == next_due(case, n)
            if not holds(due.when, case, {}):
                continue
        done = await wait(engine, clock, subject)
        assert done == (due.take or (due.tell and due.tell.letter))
        async with reading(engine) as session:
            entry = (await session.exec(select(Entry).order_by(col(Entry.id).desc()))).first()
            assert entry
            letters = (await session.exec(select(Letter).where(Letter.entry_id == entry.id))).all()
            if due.tell:
                assert (entry.step, entry.role, {one.name for one in letters}) == ("remind", "clock", {done})
                assert {one.role for one in letters} <= set(due.tell.to)
                assert all(one.facts["task"]["by"] == now().date().isoformat() for one in letters)
    async with reading(engine) as session:
        after: Subject = await session.get_one(TABLES[machine], subject.id)
        again = MACHINES[machine].states[state].due[-1].again
        assert again or after.state != state or after.due_at is None


async def test_a_question_nobody_matches_comes_back_again_and_again(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        question_id = (await tell.matching(session)).id
    told = []
    for _ in range(4):
        async with reading(engine) as session:
            told.append(await wait(engine, clock, await session.get_one(Question, question_id)))
    assert told == ["reminder", "overdue", "overdue", "overdue"]


async def test_whoever_answers_in_time_hears_nothing(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        question = await tell.unclear(session)
        soon = question.due_at
        await tell.take(session, question, "clarify", cast.amira)
        assert soon
        assert question.due_at == soon  # the coordinator's first term, begun on the same day
        await tell.take(session, question, "accept", cast.bram)
        assert await run_due(session, Question, question.id, soon) is None


async def test_a_picked_up_question_is_not_taken_back(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        question = await tell.redirected(session)
        assert question.due_at
        await tell.take(session, question, "pick_up", cast.daan)
    async with reading(engine) as session:
        question = await session.get_one(Question, question.id)
        assert (question.state, question.due_at) == ("redirected", None)


async def test_the_lecturer_who_has_told_how_it_goes_is_not_reminded_of_it(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        one = await tell.running(session)
        await tell.take(session, one, "report_midterm", cast.chen)
    told = []
    for _ in range(2):
        async with reading(engine) as session:
            told.append(await wait(engine, clock, await session.get_one(Trajectory, one.id)))
    assert told == ["midterm", "reminder"]


async def test_two_clocks_and_a_person_at_once_do_it_once(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async def tick(trajectory_id: int) -> str | None:
        async with writing(engine) as session:
            return await run_due(session, Trajectory, trajectory_id, now())

    async def take_on(trajectory_id: int) -> str:
        async with writing(engine) as session:
            one = await session.get_one(Trajectory, trajectory_id)
            return (await tell.take(session, one, "take_on", cast.femke)).step

    async with writing(engine) as session:
        ids = [(await tell.offered(session)).id for _ in range(5)]
    clock.shift(timedelta(days=120))
    for one in ids:
        done = await asyncio.gather(tick(one), take_on(one), tick(one), return_exceptions=True)
        won = [result for result in done if isinstance(result, str)]
        assert won in (["lapse"], ["take_on"]), done
        assert [result for result in done if result is not None and result not in won] == [
            result for result in done if isinstance(result, MovedOn)
        ]


@pytest.mark.parametrize(("state", "reason"), [("parked", "withdraw"), ("redirected", "hand_back")])
async def test_what_the_clock_does_has_a_reason_that_people_can_read(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller, state: str, reason: str
) -> None:
    async with writing(engine) as session:
        question = await tell.state(session, "question", state)
    assert await wait(engine, clock, question) == reason
    async with reading(engine) as session:
        letters = (await session.exec(select(Letter).order_by(col(Letter.id).desc()).limit(1))).all()
        said = {one.facts["given"]["reason"]["value"] for one in letters}
        assert said == {word("nl", f"needs.reason.choices.{REASONS[reason]}")}
    assert all(" " in word(language, f"needs.reason.choices.{REASONS[reason]}") for language in languages())


async def test_of_a_draft_nobody_finishes_nothing_stays(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        draft = await tell.draft(session)
    assert await wait(engine, clock, draft) == "draft-reminder"
    async with reading(engine) as session:
        draft = await session.get_one(Question, draft.id)
        assert await letters_of(session, draft) == ["draft-reminder to amira"]
    assert (now() - draft.since).days == 29  # 30 days later, at eight in the morning
    assert await wait(engine, clock, draft) == "discard"
    async with reading(engine) as session:
        draft = await session.get_one(Question, draft.id)
        assert await steps_of(session, draft) == ["remind", "discard"]
        assert (draft.state, draft.title, draft.form, draft.search) == ("discarded", "", {}, "")
        assert (draft.submitter_id, draft.due_at) == (None, None)


@pytest.fixture
async def quay(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """The second city: unclear questions are reminded of after 3 working days, and parked after 6."""
    await fill_database(sqlite_url(tmp_path / "quay.db"), KADESTAD)
    engine = open_engine(sqlite_url(tmp_path / "quay.db"))
    yield engine
    await engine.dispose()


async def test_another_city_has_other_terms(quay: AsyncEngine, clock: time_machine.Traveller) -> None:
    async with writing(quay) as session:
        people = {one.email.split("@")[0]: one for one in await session.exec(select(Person))}
        aad, bea = (Somebody(people[name].id, None, people[name].name, people[name].email) for name in ("aad", "bea"))
        answers = form(aad, bea, city="kadestad", challenge="haven", department="Haven en economie")
        question = await begin_draft(session, "nl", answers)
        await fill(session, question, answers)
        assert str(question.ref).startswith("KA-2026-0001-")
        await take_step(session, question, "submit", aad)
        await take_step(session, question, "ask_back", Actor(people["cor"].id), {"note": "Welke kade?"})
        assert question.due_at == datetime(2026, 11, 27, 7, tzinfo=UTC)
    assert await wait(quay, clock, question) == "reminder"
    async with reading(quay) as session:
        question = await session.get_one(Question, question.id)
        assert question.due_at == datetime(2026, 12, 2, 7, tzinfo=UTC)
    assert await wait(quay, clock, question) == "park"

"""What people notice of the clock: whose holidays count, stopping and extending it, silence after a power cut."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.case import open_case
from schemas.database import reading, writing
from schemas.due import due_ids, due_query, run_due
from schemas.explain import terms_of
from schemas.incidents import Incident, failed
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.parties import Closure
from schemas.steps import MovedOn
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Cast
from tests.ledger import letters_of, steps_of
from tests.story import Story


def ends(subject: Subject) -> date:
    assert subject.due_at
    return subject.due_at.date()


async def test_exam_weeks_stop_the_clock_of_the_institution_and_of_nobody_else(
    engine: AsyncEngine, tell: Story
) -> None:
    async with writing(engine) as session:
        session.add(
            Closure(cooperation_id="twente", organisation_id="ut", kind="exams", name="",
                    starts_on=date(2026, 11, 25), ends_on=date(2026, 11, 27))
        )  # fmt: skip
        question = await tell.matching(session)
        there, elsewhere = await tell.offered(session, question), await tell.offered(session, question, "saxion")
        owner = await tell.delivered(session)
        assert ends(elsewhere) == ends(owner) == date(2026, 12, 1)
        assert ends(there) == date(2026, 12, 4)
        case = await open_case(session, there)
        days = terms_of(case)[0].days
        assert [one.rest.why if one.rest else one.number for one in days][:7] == [
            "exams", "exams", "exams", "weekend", "weekend", 1, 2,
        ]  # fmt: skip


async def test_a_stopped_clock_tells_nobody_and_goes_on_by_itself(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)  # on a Tuesday: five working days end on the next
        await tell.take(session, question, "suspend", cast.bram, resume_on="2026-12-04")
        assert await letters_of(session, question, "suspend") == ["suspended to amira"]
        assert ends(question) == date(2026, 12, 4)  # when it goes on
        assert question.state == "screening"
    clock.move_to(question.due_at)
    async with writing(engine) as session:
        assert await run_due(session, Question, question.id, now()) == "resume"
        question = await session.get_one(Question, question.id)
        assert ends(question) == date(2026, 12, 11)
        assert await letters_of(session, question, "resume") == ["resumed to amira"]
        assert await steps_of(session, question) == ["submit", "suspend", "resume"]


async def test_somebody_may_set_a_clock_going_earlier(engine: AsyncEngine, tell: Story, cast: Cast) -> None:
    async with writing(engine) as session:
        one = await tell.offered(session)
        await tell.take(session, one, "suspend", cast.bram, resume_on="2027-01-18")
        with pytest.raises(MovedOn):
            await tell.take(session, one, "suspend", cast.bram)
        await tell.take(session, one, "resume", cast.bram)
        assert ends(one) == date(2026, 12, 1)  # it never stood still for a day
        with pytest.raises(MovedOn):
            await tell.take(session, one, "resume", cast.bram)


async def test_more_time_moves_every_term_ahead_and_reminds_again(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        one = await tell.offered(session)
    clock.move_to(one.due_at)
    async with writing(engine) as session:
        assert await run_due(session, Trajectory, one.id, now()) == "reminder"
        one = await session.get_one(Trajectory, one.id)
        with pytest.raises(FaultyNeeds):
            await tell.take(session, one, "extend", cast.bram, working_days=0)
    async with writing(engine) as session:
        one = await session.get_one(Trajectory, one.id)
        await tell.take(session, one, "extend", cast.bram, working_days=4)
        assert (ends(one), one.due_n) == (date(2026, 12, 7), 0)
        case = await open_case(session, one)
        assert [one.ends for one in terms_of(case)] == [date(2026, 12, n) for n in (7, 14)] + [date(2027, 1, 4)]
        letters = await letters_of(session, await session.get_one(Question, one.question_id), "extend")
        assert letters == ["extended to amira", "extended to femke", "extended to quinten"]


async def test_a_clock_stands_still_while_the_other_side_has_to_act(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    clock.shift(timedelta(days=2))  # Thursday: two of five working days are used
    async with writing(engine) as session:
        question = await session.get_one(Question, question.id)
        await tell.take(session, question, "ask_back", cast.bram)
        assert ends(question) == date(2026, 12, 3)  # the owner has five of their own
    clock.shift(timedelta(days=5))  # Tuesday
    async with writing(engine) as session:
        question = await session.get_one(Question, question.id)
        await tell.take(session, question, "clarify", cast.amira)
        assert ends(question) == date(2026, 12, 4)  # Wednesday, Thursday, Friday: the three that were left
        await tell.take(session, question, "put_forward", cast.bram)
        await tell.take(session, question, "ask_back", cast.bram)
        await tell.take(session, question, "clarify", cast.amira)
        assert ends(question) == date(2026, 12, 8)  # it came from another state: screening begins anew


async def test_where_one_has_agreed_only_the_other_is_reminded(
    engine: AsyncEngine, tell: Story, cast: Cast, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        one = await tell.agreeing(session)
        await tell.take(session, one, "agree", cast.chen)
    clock.move_to(one.due_at)
    async with writing(engine) as session:
        assert await run_due(session, Trajectory, one.id, now()) == "reminder"
        question = await session.get_one(Question, one.question_id)
        assert await letters_of(session, question, "remind") == ["reminder to amira"]


async def test_after_weeks_without_power_each_hears_one_thing_and_steps_are_taken(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        offered, delivered, waiting = (
            await tell.offered(session),
            await tell.delivered(session),
            await tell.unclear(session),
        )
        placing = await tell.placing(session)
    clock.shift(timedelta(days=20))  # ten working days and some
    async with writing(engine) as session:
        done = [await run_due(session, Trajectory, one.id, now()) for one in (offered, offered, delivered, placing)]
        assert done == ["reminder", None, "reminder", "reminder"]
        assert await run_due(session, Question, waiting.id, now()) == "park"
        question = await session.get_one(Question, offered.question_id)
        assert (await steps_of(session, question)).count("remind") == 1
        parked = await session.get_one(Question, waiting.id)
        assert "remind" not in await steps_of(session, parked)


@pytest.mark.parametrize("table", [Question, Trajectory])
async def test_what_is_due_is_found_by_its_index(engine: AsyncEngine, tell: Story, table: type[Subject]) -> None:
    """However many questions wait, a poll reads only what is due; the database itself says so."""
    dialect = engine.dialect
    async with writing(engine) as session:
        one = await (tell.matching if table is Question else tell.offered)(session)
        base = one.model_dump(exclude={"id", "import_mark"}) | {"due_at": now() + timedelta(days=9)}
        await session.exec(insert(table), params=[base | {"ref": f"{one.ref}-{n}"} for n in range(3000)])
        await session.exec(text("ANALYZE"))  # type: ignore[call-overload]
        asked = due_query(table, now(), 100).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        ask = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        plan = "\n".join(map(str, await session.exec(text(f"{ask} {asked}"))))  # type: ignore[call-overload]
    name = table.__name__.lower()
    assert f"ix_{name}_due" in plan, plan
    assert not re.search(rf"Seq Scan on {name}|SCAN {name}\b", plan), plan


async def test_what_fails_is_tried_again_ever_later_and_keeps_nobody_waiting(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller
) -> None:
    async with writing(engine) as session:
        bad, good = await tell.screening(session), await tell.screening(session)
    clock.move_to(bad.due_at)
    waits = []
    for _ in range(9):
        async with writing(engine) as session:
            await failed(session, Question, bad.id, ZeroDivisionError("somebody's secret"), now())
        async with reading(engine) as session:
            assert await due_ids(session, Question, now(), 9) == [good.id]
            row = (await session.exec(text("SELECT attempts, cause, ref FROM incident"))).one()  # type: ignore[call-overload]
            incident = await session.get_one(Incident, 1)
            waits.append(round((incident.retry_at - incident.last_at).total_seconds()))
            assert (row.ref, "secret" in row.cause) == (bad.ref, False)
        clock.move_to(incident.retry_at)
        async with reading(engine) as session:
            assert bad.id in await due_ids(session, Question, now(), 9)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    async with writing(engine) as session:
        assert await run_due(session, Question, bad.id, now()) == "reminder"
        assert await session.get(Incident, 1) is None

"""Whatever people and the clock do to a question, in any order: its clocks equal their replay from the ledger."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import fill, new_trajectory
from schemas.case import open_case
from schemas.database import open_engine, reading, writing
from schemas.due import due_ids, run_due
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.parties import Closure
from schemas.replay import TABLES, differing, entries_of, replayed, set_right
from schemas.steps import Actor, open_steps, roles_of, take_step
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Cast, Somebody, needs_for
from tests.conftest import TODAY
from tests.databases import sqlite_copy
from tests.story import Story

MOVES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 999)), min_size=6, max_size=24)
UNPLAYED = {"merge", "split"}  # those need another question
counted = {"walks": 0, "steps": 0, "told": 0, "clocks": 0}
kinds = set[str]()


async def subjects(session: AsyncSession) -> list[Subject]:
    found: list[Any] = []
    for table in TABLES:
        found += await session.exec(select(table).order_by(col(table.id)))
    return found


async def somebody_acts(session: AsyncSession, cast: Cast, turn: int) -> None:
    """One of all the steps that anybody may take now, on the question or on one of its trajectories."""
    people = [cast.amira, cast.bram, cast.eva, cast.femke, cast.chen, cast.daan]
    choices: list[tuple[Subject, str, Somebody]] = []
    for subject in await subjects(session):
        case = await open_case(session, subject)
        for one in people:
            choices += [(subject, step, one) for step in open_steps(case, await roles_of(case, one))]
        if isinstance(subject, Question) and subject.state in ("matching", "underway"):
            choices.append((subject, "offer", cast.bram))
    choices = [one for one in choices if one[1] not in UNPLAYED]
    if not choices:
        return
    subject, step, who = choices[turn % len(choices)]
    if step == "offer" and isinstance(subject, Question):
        subject = await new_trajectory(session, subject, needs_for("offer", cast))
    async with session.begin_nested():
        await take_step(session, subject, step, Actor(who.id), needs_for(step, cast))
    counted["steps"] += 1
    kinds.add(step)


async def time_goes_by(engine: AsyncEngine, clock: time_machine.Traveller, turn: int) -> None:
    """To the next term, or some days further, whichever comes of it; then the clock does what is due."""
    async with reading(engine) as session:
        ahead = [one.due_at for one in await subjects(session) if one.due_at]
    if turn % 3 and ahead:
        clock.move_to(max(min(ahead), now()))
    else:
        clock.shift(timedelta(days=turn % 40))
    for table in TABLES:
        async with writing(engine) as session:
            for one in await due_ids(session, table, now(), 50):
                counted["told"] += await run_due(session, table, one, now()) is not None


async def agree(engine: AsyncEngine) -> None:
    async with reading(engine) as session:
        assert [(one.ref, one.state, moment) for one, moment in await differing(session)] == []
        for one in await subjects(session):
            case = await open_case(session, one)
            due_at, _, clock = replayed(case, await entries_of(session, one))
            assert (due_at, clock) == (one.due_at, one.clock), (one.ref, one.state)
            counted["clocks"] += 1


async def live(url: str, moves: list[tuple[int, int]], clock: time_machine.Traveller) -> None:
    engine = open_engine(url)
    cast = await Cast.of(engine)
    async with writing(engine) as session:
        await Story(cast).asked(session)
    for kind, turn in moves:
        if kind < 7:
            try:
                async with writing(engine) as session:
                    await somebody_acts(session, cast, turn)
            except FaultyNeeds:
                pass  # a date of the form that has gone by in the meantime
        else:
            await time_goes_by(engine, clock, turn)
        await agree(engine)
    await engine.dispose()


def walks(template: Path, folder: Path, examples: int) -> None:
    @settings(
        max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        derandomize=True, database=None,
    )  # fmt: skip
    @given(MOVES)
    def walk(moves: list[tuple[int, int]]) -> None:
        with time_machine.travel(TODAY, tick=True) as clock:
            counted["walks"] += 1
            asyncio.run(live(sqlite_copy(template, folder / f"{counted['walks']}.db"), moves, clock))
            (folder / f"{counted['walks']}.db").unlink()

    walk()


def test_clocks_equal_their_replay(sqlite_city: Path, tmp_path: Path) -> None:
    walks(sqlite_city, tmp_path, 12)


@pytest.mark.nightly
def test_clocks_equal_their_replay_on_many_walks(sqlite_city: Path, tmp_path: Path) -> None:
    walks(sqlite_city, tmp_path, 400)


async def test_a_clock_that_was_tampered_with_is_found_and_set_right(engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        good, bad = await tell.unclear(session), await tell.screening(session)
        assert bad.due_at
        right, bad.due_at = bad.due_at, bad.due_at + timedelta(days=1)
    async with writing(engine) as session:
        assert [one.ref for one, _ in await differing(session)] == [bad.ref]
        assert await set_right(session) == 1
        assert (await session.get_one(Question, bad.id)).due_at == right
        assert (await session.get_one(Question, good.id)).due_at == good.due_at


async def test_a_draft_that_was_reminded_keeps_its_clock(
    engine: AsyncEngine, tell: Story, clock: time_machine.Traveller
) -> None:
    """Its first entry is the reminder; a replay that begins there would never discard it."""
    async with writing(engine) as session:
        draft = await tell.draft(session)
    clock.shift(timedelta(days=31))
    async with writing(engine) as session:
        assert await run_due(session, Question, draft.id, now()) == "draft-reminder"
    async with writing(engine) as session:
        assert await differing(session) == []
        assert await set_right(session) == 0
        draft = await session.get_one(Question, draft.id)
        assert draft.due_at
        assert (draft.due_at - draft.since).days == 89  # ninety days later, at eight in the morning
        await fill(session, draft, draft.form)
        await take_step(session, draft, "submit", tell.cast.amira)
        assert await differing(session) == []


async def test_new_closed_days_move_the_terms_they_fall_in(engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        one, placed = await tell.screening(session), await tell.scheduled(session)
        assert one.due_at
        before, start = one.due_at, placed.due_at
        day = (now() + timedelta(days=2)).date()
        session.add(Closure(cooperation_id="twente", name="Brugdag", starts_on=day, ends_on=day))
        await session.flush()
        assert await set_right(session) >= 1
        assert one.due_at == before + timedelta(days=1)
        assert placed.due_at == start
        assert (await session.get_one(Trajectory, placed.id)).version == placed.version


async def test_a_replay_writes_nothing(engine: AsyncEngine, tell: Story) -> None:
    """`stadsvraag check` looks while others write: on SQLite a look that wrote would be refused."""
    async with writing(engine) as session:
        await tell.running(session)
    sent: list[str] = []
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    async with reading(engine) as session:
        assert await differing(session) == []
    assert len(sent) > 4
    assert [one for one in sent if not one.lstrip().startswith(("SELECT", "WITH", "PRAGMA", "BEGIN"))] == []

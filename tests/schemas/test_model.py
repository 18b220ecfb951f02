"""Every step of both machines against the model of model.py, in any order that people and the clock may take them."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from schemas.database import open_engine
from schemas.process import MACHINES
from schemas.steps import MovedOn, NotYours
from tests.conftest import TODAY
from tests.databases import sqlite_copy
from tests.schemas.model import BY_ITSELF, QUESTION, TRAJECTORY, Life
from tests.schemas.roads import ROADS
from tests.schemas.world import CLOCK_STEPS, World

Done = TypeVar("Done")
ran: Counter[str] = Counter()
counted: Counter[str] = Counter()


class People(RuleBasedStateMachine):
    """One question, what people and the clock do to it, and what the model says must come of that."""

    template: ClassVar[Path]
    folder: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        counted["runs"] += 1
        self.file = self.folder / f"{counted['runs']}.db"
        self.travel = time_machine.travel(TODAY, tick=True)
        self.clock = self.travel.start()
        self.loop = asyncio.new_event_loop()
        self.engine = open_engine(sqlite_copy(self.template, self.file))
        self.life, self.road = Life(), list[str]()
        self.world = World(self.engine)
        self.run(self.world.begin())

    def run(self, what: Coroutine[Any, Any, Done]) -> Done:
        return self.loop.run_until_complete(what)

    @initialize(road=st.sampled_from(ROADS))
    def goal(self, road: str) -> None:
        self.road = road.split()

    @rule()
    @precondition(lambda self: self.road)
    def go_on(self) -> None:
        """The next thing on the road, where it is still possible."""
        word, _, more = self.road.pop(0).partition(":")
        if word == "clock":
            self.until(more)
        elif word == "new_rules":
            self.run(self.world.new_rules(counted["runs"]))
            self.life.older = self.life.state != "draft"
        elif word == "parts_answered":
            if self.life.parts:
                self.run(self.world.answer_parts())
                self.life.parts_answered()
        else:
            step = "clear" if word == "embargo" else word
            role = "owner" if word == "embargo" else more
            found = [one for one in self.life.moves() if one[1] == step and role in ("", "at", one[2])]
            at = [one for one in found if role != "at" or one[0] is not None]
            if at:
                self.take(*at[-1], embargo=word == "embargo")

    @rule(turn=st.integers(0, 999))
    @precondition(lambda self: [*self.life.moves()])
    def somebody_acts(self, turn: int) -> None:
        """Anything at all that somebody may do."""
        found = [*self.life.moves()]
        self.take(*found[turn % len(found)])

    @rule(turn=st.integers(0, 9999))
    def somebody_may_not(self, turn: int) -> None:
        """What the model does not allow is refused by name."""
        n = turn % (len(self.life.attempts) + 1) - 1
        at, index = (self.life.attempts[n], n) if n >= 0 else (None, None)
        steps, people = [*(TRAJECTORY if at else QUESTION)], self.life.people(at)
        step, role = steps[turn % len(steps)], [*people][turn % len(people)]
        mine = [one for one in people if people[one] == people[role]]
        if people[role] and not any(self.life.may(index, step, one) for one in mine):
            with pytest.raises((NotYours, MovedOn)):
                self.run(self.world.take(index, step, people[role], self.life))
            counted["refused"] += 1

    @rule(turn=st.integers(0, 99))
    def time_goes_by(self, turn: int) -> None:
        """The next term of the question or of one of its trajectories ends."""
        n = turn % (len(self.life.attempts) + 1) - 1
        self.wait(None if n < 0 else n)

    def take(self, n: int | None, step: str, role: str, *, embargo: bool = False) -> None:
        who = self.life.people(self.life.attempts[n] if n is not None else None)[role]
        self.run(self.world.take(n, step, who, self.life, embargo=embargo))
        self.life.take(n, step, role, embargo=embargo)
        counted["steps"] += 1

    def until(self, what: str) -> None:
        """Nobody does anything until the clock has done this."""
        for _ in range(14):
            before = self.life.state
            for n in (None, *range(len(self.life.attempts))):
                if self.wait(n) == what:
                    return
            if not self.run(self.world.runs()) or before in ("withdrawn", "closed"):
                return

    def wait(self, n: int | None) -> str | None:
        due = self.run(self.world.due(n))
        if due is None:
            return None
        self.clock.move_to(max(due, TODAY + timedelta(seconds=1)))
        done = self.run(self.world.run_due(n))
        at = self.life.attempts[n] if n is not None else None
        if done == "still-current":
            self.life.asked = True
        if done in CLOCK_STEPS:
            state = at.state if at else self.life.state
            assert (at.suspended if at else self.life.suspended) == (done == "resume")
            assert "clock" in (TRAJECTORY if at else QUESTION)[done][2].split(), (state, done)
            assert state in (TRAJECTORY if at else QUESTION)[done][0].split(), (state, done)
            assert done != "hand_back" or not self.life.picked_up
            assert done != "publish" or (at and {"owner", "lecturer"} <= at.cleared)
            self.life.take(n, done, "clock")
        counted["clock"] += done is not None
        return done

    @invariant()
    def the_states_are_those_of_the_model(self) -> None:
        found = self.run(self.world.states())
        assert found == (self.life.state, [one.state for one in self.life.attempts])

    def teardown(self) -> None:
        try:
            while self.road:
                self.go_on()
                self.the_states_are_those_of_the_model()
            ran.update(self.run(self.world.check()))
        finally:
            self.run(self.engine.dispose())
            self.loop.close()
            self.travel.stop()
            self.file.unlink()


def lives(template: Path, folder: Path, examples: int, length: int) -> None:
    """Each road, with whatever else may happen on the way."""
    for number, road in enumerate(ROADS):

        class Road(People):
            @initialize(road=st.just(road))
            def goal(self, road: str) -> None:
                self.road = road.split()

        Road.template, Road.folder = template, folder
        Road.__name__ = f"Road{number}"
        run_state_machine_as_test(Road, settings=settings(
            max_examples=examples, stateful_step_count=length, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ))  # fmt: skip


def test_the_model_knows_every_step() -> None:
    """By its own hand: a step that is added to the process must be added to the model too."""
    known = {
        "question": {*QUESTION} | BY_ITSELF - {"stop", "publish"},
        "trajectory": {*TRAJECTORY, "offer", "remind", "stop", "adopt"},
    }
    assert {name: {*machine.steps} for name, machine in MACHINES.items()} == known


def every_rule_ran() -> None:
    wanted = {f"{name}.{step}" for name, machine in MACHINES.items() for step in machine.steps}
    assert wanted - set(ran) == set()
    assert counted["refused"] > 0


def test_people_and_the_clock_do_what_the_model_says(sqlite_city: Path, tmp_path: Path) -> None:
    lives(sqlite_city, tmp_path, 2, 8)
    every_rule_ran()


@pytest.mark.nightly
def test_many_people_do_what_the_model_says(sqlite_city: Path, tmp_path: Path) -> None:
    lives(sqlite_city, tmp_path, 60, 40)
    every_rule_ran()

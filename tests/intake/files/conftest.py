"""Every test here happens on the same day, and begins with a question of Amira's at the UT and at Saxion."""

from typing import NamedTuple

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.subjects import Question, Trajectory
from tests.intake.api.conftest import api_as
from tests.story import Story

__all__ = ["api_as"]  # the API tests here use the same clients


@pytest.fixture(autouse=True)
def same_day(clock: time_machine.Traveller) -> None:
    """TODAY, so that terms of the calendar keep lying ahead."""


class Two(NamedTuple):
    """A question and its two trajectories."""

    question: Question
    ut: Trajectory
    saxion: Trajectory

    @property
    def page(self) -> str:
        return f"/questions/{self.question.ref}"

    @property
    def at_ut(self) -> str:
        return f"/trajectories/{self.ut.ref}"


@pytest.fixture
async def two(engine: AsyncEngine, tell: Story) -> Two:
    async with writing(engine) as session:
        question = await tell.matching(session)
        return Two(
            question, await tell.running(session, question, "ut"), await tell.offered(session, question, "saxion")
        )

"""Every journey begins on the same day."""

import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.journeys.journey import Journey
from tests.story import Story


@pytest.fixture
def journey(engine: AsyncEngine, tell: Story, clock: time_machine.Traveller) -> Journey:
    """A story that begins now."""
    return Journey(engine, tell, clock)

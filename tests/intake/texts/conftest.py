"""Every test here happens on the same day."""

import pytest
import time_machine


@pytest.fixture(autouse=True)
def same_day(clock: time_machine.Traveller) -> None:
    """TODAY, so that terms of the calendar keep lying ahead."""

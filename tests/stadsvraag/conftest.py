"""A directory with supervisors that are all gone when the test is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stadsvraag.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Starts supervisors on a fresh directory."""
    made = House(tmp_path)
    yield made
    made.end()

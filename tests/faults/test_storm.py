"""Three things go wrong at once, again and again, while people ask: nothing acknowledged is lost, nothing doubled."""

from collections.abc import Callable

import pytest

from bench.faults import broken, played
from tests.databases import unavailable
from tests.faults.cluster import programs

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _programs() -> None:
    if programs() is None:
        unavailable("no initdb of PostgreSQL in the PATH or under /usr/lib/postgresql")


def weathered(questions: int, pause: tuple[float, float], figure: Callable[[str], None]) -> None:
    counts = played(questions, 20261126, pause)
    figure(f"a storm over {questions} questions: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    assert broken(counts) == []


def test_a_storm(figure: Callable[[str], None]) -> None:
    weathered(200, (3.0, 6.0), figure)


@pytest.mark.nightly
def test_a_storm_over_twenty_thousand_questions(figure: Callable[[str], None]) -> None:
    weathered(20_000, (5.0, 40.0), figure)

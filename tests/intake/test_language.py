"""Moments are told by the clock of the city that an installation serves."""

from datetime import UTC, datetime

from intake.language import live_in, local, moment, speaking


def test_a_moment_is_told_by_the_clock_of_the_city() -> None:
    noon = datetime(2027, 7, 1, 12, tzinfo=UTC)
    told = []
    try:
        for place in ("Europe/Amsterdam", "Europe/Helsinki", "Atlantic/Azores"):
            live_in(place)
            with speaking("en"):
                told.append((local(noon).hour, moment(noon)[-5:]))
    finally:
        live_in("Europe/Amsterdam")
    assert told == [(14, "14:00"), (15, "15:00"), (12, "12:00")]

"""A second clock, made in another way: it walks day by day, knows Easter by heart and summer time by its rule.

It shares no code with schemas.clock and reads the example city's calendar from its file.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest
import yaml

from schemas.cities import read_city
from schemas.city_rows import calendar_in
from schemas.clock import Calendar, due_day
from schemas.subjects import Trajectory
from tests.databases import TWENTE

FIRST, LAST = date(2024, 1, 1), date(2034, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
WORKING = (1, 5, 10, 20)
CALENDAR_TERMS = ("30 d", "6 w", "1 m", "12 m")
counted = {"days": 0, "terms": 0, "mornings": 0}


@lru_cache
def easter_sunday(year: int) -> date:
    """The way of Gauss, as Meeus wrote it down."""
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holiday(day: date) -> bool:
    after = (day - easter_sunday(day.year)).days
    if after in (0, 1, 39, 49, 50) or (day.month, day.day) in ((1, 1), (12, 25), (12, 26)):
        return True
    if day.month == 4 and (day.day, day.isoweekday() == 7) in ((27, False),):
        return True
    return (day.month, day.day, day.isoweekday()) == (4, 26, 6) or (
        day.year % 5 == 0 and (day.month, day.day) == (5, 5)
    )


@lru_cache
def file() -> Any:
    return yaml.safe_load((TWENTE / "calendar.yaml").read_text(encoding="utf-8"))


@lru_cache
def closed(house: str) -> frozenset[date]:
    """The school holidays, and with a house also its closed weeks and its exam weeks."""
    spans = [(row["starts_on"], row["ends_on"]) for row in file()["closures"]]
    if house:
        own = file()["institutions"][house]
        spans += [(row["starts_on"], row["ends_on"]) for row in own.get("closed", ())]
        spans += [(row["tests_from"], row["ends_on"]) for row in own["periods"] if row.get("tests_from")]
    return frozenset(first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1))


def counts(day: date, house: str) -> bool:
    return day.isoweekday() < 6 and not holiday(day) and day not in closed(house)


def summer(day: date) -> bool:
    """Whether eight in the morning of that day is in summer time: from the last Sunday of March to that of October."""

    def last_sunday(month: int) -> date:
        return max(date(day.year, month, n) for n in range(25, 32) if date(day.year, month, n).isoweekday() == 7)

    return last_sunday(3) <= day < last_sunday(10)


def walk(begun: date, house: str, pause: tuple[date, date] | None) -> Iterator[date]:
    """The days that count, one after the other, from the day after a clock began."""
    day = begun
    while True:
        day += timedelta(days=1)
        if counts(day, house) and not (pause and pause[0] < day <= pause[1]):
            yield day


def seen(house: str) -> Calendar:
    kinds = {"closed", "exams"} if house else set[str]()
    return calendar_in(read_city(TWENTE)).seen_by({"holidays"}, kinds, house or None)


@pytest.mark.parametrize(("house", "stopped"), [("", None), ("ut", None), ("ut", (3, 12)), ("saxion", None)])
def test_every_day_of_eleven_years_both_clocks_end_on_the_same_morning(
    house: str, stopped: tuple[int, int] | None
) -> None:
    calendar = seen(house)
    for begun in DAYS:
        pause = (begun + timedelta(days=stopped[0]), begun + timedelta(days=stopped[1])) if stopped else None
        clock = {"began": begun.isoformat(), "pauses": [[one.isoformat() for one in pause]] if pause else []}
        subject = Trajectory(ref="ES-2026-0001-Q.1", question_id=1, institution_id="ut", clock=clock)
        days = walk(begun, house, pause)
        ends = [next(days) for _ in range(max(WORKING))]
        for count in WORKING:
            assert due_day(f"{count} wd", subject, calendar) == ends[count - 1], (begun, count)
            counted["terms"] += 1
        counted["days"] += 1


def test_weeks_and_months_count_every_day_but_those_on_which_the_clock_stood_still() -> None:
    calendar = seen("")
    for begun in DAYS:
        for term in CALENDAR_TERMS:
            n, unit = int(term.split()[0]), term.split()[1]
            plain = begun + timedelta(days=n * {"d": 1, "w": 7}.get(unit, 0))
            if unit == "m":
                month = begun.month - 1 + n
                year, month = begun.year + month // 12, month % 12 + 1
                last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
                plain = date(year, month, min(begun.day, last))
            bare = Trajectory(ref="a.1", question_id=1, institution_id="ut", clock={"began": begun.isoformat()})
            assert due_day(term, bare, calendar) == plain, (begun, term)
            pause = [(begun + timedelta(days=4)).isoformat(), (begun + timedelta(days=9)).isoformat()]
            still = bare.model_copy(update={"clock": bare.clock | {"pauses": [pause]}})
            assert due_day(term, still, calendar) == plain + timedelta(days=5), (begun, term)
            counted["terms"] += 2


def test_every_morning_of_eleven_years_is_eight_on_the_wall() -> None:
    calendar = Calendar()
    for day in DAYS:
        expected = datetime(day.year, day.month, day.day, 6 if summer(day) else 7, tzinfo=UTC)
        assert calendar.morning(day) == expected, day
        assert calendar.local(expected) == day
        assert calendar.local(datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(minutes=30)) == day, day
        counted["mornings"] += 1

"""Working days against a calendar of our own making: rules of thumb and the church's moon, from 2024 to 2034."""

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.easter import easter
from hypothesis import given
from hypothesis import strategies as st

from schemas.cities import read_city
from schemas.clock import Calendar, due_day, parse
from schemas.days_off import Closed, public_holidays
from schemas.subjects import Question, Trajectory
from tests.databases import TWENTE

FIRST, LAST = date(2024, 1, 1), date(2034, 12, 31)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
CLOSED = tuple(Closed(row.starts_on, row.ends_on) for row in read_city(TWENTE).calendar.closures)
CALENDAR = Calendar("Europe/Amsterdam", CLOSED)


def free(year: int) -> set[date]:
    """The days on which the Netherlands does not work, whatever the day of the week."""
    sunday = easter(year)
    king = date(year, 4, 27)
    days = {date(year, 1, 1), date(year, 12, 25), date(year, 12, 26), king - timedelta(days=king.weekday() == 6)}
    days |= {sunday + timedelta(days=n) for n in (0, 1, 39, 49, 50)}
    return days | ({date(year, 5, 5)} if year % 5 == 0 else set())


def works(day: date, closed: tuple[Closed, ...] = CLOSED) -> bool:
    return day.weekday() < 5 and day not in free(day.year) and not any(a <= day <= b for a, b, *_ in closed)


WORKING = [day for day in DAYS if works(day)]


def test_good_friday_is_a_working_day_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for locale in ("nl_NL.UTF-8", "en_US.UTF-8", "C"):
        monkeypatch.setenv("LANGUAGE", locale)
        monkeypatch.setenv("LANG", locale)
        public_holidays.cache_clear()
        assert CALENDAR.works_on(date(2027, 3, 26))
        assert not CALENDAR.works_on(date(2027, 3, 29))


def test_every_day_of_eleven_years_is_judged_alike() -> None:
    for closed in ((), CLOSED):
        calendar = Calendar("Europe/Amsterdam", closed)
        assert [day for day in DAYS if calendar.works_on(day) != works(day, closed)] == []


@given(st.dates(date(2024, 6, 1), date(2034, 6, 1)), st.integers(1, 60))
def test_the_nth_working_day_is_the_nth_of_the_list(day: date, count: int) -> None:
    later = [one for one in WORKING if one > day]
    earlier = [one for one in WORKING if one < day]
    assert CALENDAR.add_working_days(day, count) == later[count - 1]
    assert CALENDAR.add_working_days(day, -count) == earlier[-count]
    assert CALENDAR.add_working_days(day, 0) == day


@pytest.mark.parametrize(
    ("begun", "term", "ends"),
    [
        ("2026-11-24T09:00", "5 wd", "2026-12-01"),
        ("2026-11-26T23:30", "1 wd", "2026-11-30"),  # half past midnight of Friday in Enschede
        ("2026-11-24T09:00", "20 wd", "2027-01-05"),  # across the Christmas holidays
        ("2027-04-22T09:00", "2 wd", "2027-05-03"),  # across the May holidays and King's day
        ("2030-05-03T09:00", "1 wd", "2030-05-06"),
        ("2029-05-09T09:00", "1 wd", "2029-05-11"),  # Ascension day between
        ("2026-11-30T09:00", "3 m", "2027-02-28"),
        ("2026-11-24T09:00", "6 w", "2027-01-05"),
        ("2026-11-24T09:00", "30 d", "2026-12-24"),
    ],
)
def test_terms_end_on_the_day_that_a_person_would_name(begun: str, term: str, ends: str) -> None:
    question = Question(since=datetime.fromisoformat(begun).replace(tzinfo=UTC))
    assert due_day(term, question, CALENDAR) == date.fromisoformat(ends)


@pytest.mark.parametrize(
    ("term", "ends"),
    [
        ("start", "2027-02-01"), ("end", "2027-04-16"), ("midway", "2027-03-10"), ("midway + 5 wd", "2027-03-17"),
        ("end + 5 wd", "2027-04-23"), ("end + 1 m", "2027-05-16"), ("start - 4 w", "2027-01-04"),
    ],
)  # fmt: skip
def test_terms_lean_on_the_days_of_a_trajectory(term: str, ends: str) -> None:
    placed = Trajectory(
        ref="ES-2026-0001-K.1",
        question_id=1,
        institution_id="ut",
        starts_on=date(2027, 2, 1),
        ends_on=date(2027, 4, 16),
    )
    assert due_day(term, placed, CALENDAR) == date.fromisoformat(ends)
    bare = Trajectory(ref="ES-2026-0001-K.2", question_id=1, institution_id="ut")
    assert due_day(term, bare, CALENDAR) is None


@pytest.mark.parametrize("day", ["2026-12-01", "2027-06-01", "2027-03-28", "2026-10-25"])
def test_a_term_ends_at_eight_in_the_morning_there(day: str) -> None:
    moment = CALENDAR.morning(date.fromisoformat(day))
    summer = "2027-03-28" <= day < "2027-10-31"
    assert moment == datetime.fromisoformat(f"{day}T{'06' if summer else '07'}:00").replace(tzinfo=UTC)
    assert CALENDAR.local(moment) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "term", ["", " ", "5", "wd", "5 days", "-5 wd", "until 5 wd", "until +", "midway 5", "5 wd + 1 m"]
)
def test_a_term_that_says_nothing_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="is not a term"):
        parse(term)

"""Quiet hours and the hour of a digest: on the wall, in the weeks in which the clock goes forward and back too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.clock import Calendar
from schemas.days_off import Closed
from schemas.kinds import How
from schemas.quiet import Quiet, next_digest, opening

ZONE = ZoneInfo("Europe/Amsterdam")
DAYS = Calendar(closures=(Closed(date(2026, 12, 21), date(2027, 1, 1), "Kerst"),))
NIGHT = Quiet(time(20), time(7))
WEEK = Quiet(time(20), time(7), closed_days=True)
SPRING, AUTUMN = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)  # the clock changes


def wall(day: str, hour: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZONE, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "at", "opens"),
    [
        (NIGHT, ("2026-11-24", "10:00"), ("2026-11-24", "10:00")),
        (NIGHT, ("2026-11-24", "20:00"), ("2026-11-25", "07:00")),
        (NIGHT, ("2026-11-25", "06:59"), ("2026-11-25", "07:00")),
        (NIGHT, ("2026-11-25", "07:00"), ("2026-11-25", "07:00")),
        (Quiet(time(12), time(13)), ("2026-11-25", "12:30"), ("2026-11-25", "13:00")),
        (NIGHT, ("2026-11-27", "22:00"), ("2026-11-28", "07:00")),  # a Friday; on a Saturday it may come
        (WEEK, ("2026-11-27", "22:00"), ("2026-11-30", "07:00")),
        (WEEK, ("2026-12-18", "21:00"), ("2027-01-04", "07:00")),  # the closed weeks, New Year's Day and a weekend
        (Quiet(), ("2026-11-28", "03:00"), ("2026-11-28", "03:00")),
        (NIGHT, ("2026-03-28", "23:00"), ("2026-03-29", "07:00")),  # the night that lasts ten hours
        (NIGHT, ("2026-10-24", "23:00"), ("2026-10-25", "07:00")),  # and the one that lasts twelve
        (Quiet(time(22), time(2, 30)), ("2026-03-28", "23:00"), ("2026-03-29", "03:30")),  # there is no 2:30
    ],
)
def test_what_can_wait_comes_when_the_quiet_is_over(quiet: Quiet, at: tuple[str, str], opens: tuple[str, str]) -> None:
    assert opening(wall(*at), quiet, DAYS) == wall(*opens)


def test_an_hour_that_comes_twice_is_quiet_both_times() -> None:
    quiet = Quiet(time(22), time(2, 30))
    assert opening(wall("2026-10-25", "02:10"), quiet, DAYS) == wall("2026-10-25", "02:30")
    assert opening(wall("2026-10-25", "02:10", fold=1), quiet, DAYS) == wall("2026-10-25", "02:30", fold=1)


HOURS = st.times().map(lambda one: one.replace(second=0, microsecond=0))
AROUND = st.sampled_from([SPRING, AUTUMN]).flatmap(
    lambda moment: st.integers(-7 * 1440, 7 * 1440).map(lambda minutes: moment + timedelta(minutes=minutes))
)


@given(AROUND, st.builds(Quiet, HOURS, HOURS, st.booleans()))
def test_in_both_weeks_it_never_comes_sooner_nor_in_the_quiet_and_not_much_later(at: datetime, quiet: Quiet) -> None:
    opens = opening(at, quiet, DAYS)
    local = opens.astimezone(ZONE)
    assert opens >= at
    assert not quiet.holds(local.time())
    assert not quiet.closed_days or DAYS.works_on(local.date())
    assert opens - at <= timedelta(days=4, hours=3), "a weekend, and the night behind it"
    assert opening(opens, quiet, DAYS) == opens


@pytest.mark.parametrize(
    ("how", "at", "goes"),
    [
        (How.DAILY, ("2026-11-24", "07:59"), ("2026-11-24", "08:00")),
        (How.DAILY, ("2026-11-24", "08:00"), ("2026-11-25", "08:00")),
        (How.DAILY, ("2026-11-27", "10:00"), ("2026-11-30", "08:00")),  # over the weekend
        (How.DAILY, ("2026-12-18", "10:00"), ("2027-01-04", "08:00")),
        (How.WEEKLY, ("2026-11-24", "10:00"), ("2026-11-30", "08:00")),
        (How.WEEKLY, ("2026-11-30", "10:00"), ("2026-12-07", "08:00")),
        (How.WEEKLY, ("2026-04-03", "10:00"), ("2026-04-07", "08:00")),  # Monday is Easter: the day after it
        (How.DAILY, ("2026-03-27", "10:00"), ("2026-03-30", "08:00")),  # 8:00 on the wall, also after the change
        (How.DAILY, ("2026-10-23", "10:00"), ("2026-10-26", "08:00")),
    ],
)
def test_what_is_kept_goes_on_the_next_day_of_its_kind(how: How, at: tuple[str, str], goes: tuple[str, str]) -> None:
    assert next_digest(wall(*at), how, {}, DAYS) == wall(*goes)

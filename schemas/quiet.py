"""When a letter that can wait may arrive, and when those that are kept together go. Pure, by the clock on the wall.

A quiet time may go past midnight. An hour that the clock skips in spring ends an hour later; one that comes twice in
autumn ends when it has come twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from schemas.clock import Calendar
from schemas.kinds import How

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ONE = timedelta(days=1)
FURTHEST = 60  # days; no calendar closes for longer


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which nothing arrives that can wait, and whether closed days and weekends are quiet as a whole."""

    begins: time | None = None
    ends: time | None = None
    closed_days: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """From a city's or a person's own form; nothing is quiet where it says nothing."""
        hours = data.get("quiet_from"), data.get("quiet_until")
        begins, ends = (time.fromisoformat(one) if one else None for one in hours)
        return cls(begins, ends, bool(data.get("closed_days")))

    def holds(self, hour: time) -> bool:
        """Whether this hour of the day is quiet."""
        if self.begins is None or self.ends is None:
            return False
        if self.begins <= self.ends:
            return self.begins <= hour < self.ends
        return hour >= self.begins or hour < self.ends


def opening(at: datetime, quiet: Quiet, days: Calendar) -> datetime:
    """The first moment from `at` on that is not quiet; `at` itself when it is not."""
    zone = ZoneInfo(days.timezone)
    for _ in range(FURTHEST):
        local = at.astimezone(zone)
        if quiet.closed_days and not days.works_on(local.date()):
            at = moment(local.date() + ONE, time(), zone)
        elif quiet.holds(local.time()) and quiet.ends is not None:
            late = quiet.begins is not None and quiet.begins > quiet.ends and local.time() >= quiet.begins
            at = moment(local.date() + ONE if late else local.date(), quiet.ends, zone, at)
        else:
            break
    return at


def moment(day: date, hour: time, zone: ZoneInfo, after: datetime | None = None) -> datetime:
    """An hour of a day in UTC: when it comes twice, the first one that lies after a moment."""
    wall = datetime.combine(day, hour, zone)
    first = wall.astimezone(UTC)
    return wall.replace(fold=1).astimezone(UTC) if after is not None and first < after else first


def next_digest(at: datetime, how: How, city: Mapping[str, Any], days: Calendar) -> datetime:
    """When what is kept from `at` on goes together: the next working day, or the week's day or the first after it."""
    zone, hour = ZoneInfo(days.timezone), time.fromisoformat(city.get("digest_at") or "08:00")
    day = at.astimezone(zone).date()
    while moment(day, hour, zone) <= at or not _suits(day, how, city, days):
        day += ONE
    return moment(day, hour, zone)


def _suits(day: date, how: How, city: Mapping[str, Any], days: Calendar) -> bool:
    if not days.works_on(day):
        return False
    if how is not How.WEEKLY:
        return True
    asked = day - ONE * ((day.weekday() - DAYS.index(city.get("digest_on") or "monday")) % 7)
    return all(not days.works_on(asked + ONE * n) for n in range((day - asked).days))

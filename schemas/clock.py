"""Working days and due moments. Knows the calendar and where a clock stands, not the process.

Which days count. A term in working days (`5 wd`) counts the days after the one on which it begins. Saturdays, Sundays
and Dutch public holidays never count; nor do the closed days of the cooperation (school holidays), and the closed and
exam weeks of an institution when it is somebody there who is waited for: `clocks` in city.yaml says which stop whom.
Days (`d`), weeks and months count every day. A term ends, and its letter leaves, at eight in the morning of its last
day, by the clock on the wall there.

When a clock stands still. Suspended on Tuesday until Friday, Wednesday to Friday do not count: the day on which a
clock begins, or begins again, is not counted itself. While a question waits for the other side (asked back, parked,
on hold) the clock of the state it came from stands still, and goes on from there when it returns to that state; any
other way into a state begins anew.

Which terms move. An extension makes every term of the state that is still ahead that many working days longer, and so
does a suspension for its length; but not a day that is agreed on itself (`start`, `until`), nor what comes before it
(`until - 4 w`).

A day agreed on (`Timing.by`) makes the terms of its state shorter or longer together, so that its step comes then.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from schemas.days_off import Closed, Rest, holiday_name, public_holidays
from schemas.rules import Due
from schemas.timing import Pause, Timing

PATTERN = re.compile(
    r"^(?:(?P<anchor>until|start|midway|end|embargo)(?:\s*(?P<sign>[+-])\s*)?)?(?:(?P<n>\d+)\s*(?P<unit>wd|d|w|m))?$"
)
MORNING = time(8, 0)  # a term ends, and its letter leaves, at this hour of the day
DAY = timedelta(days=1)


class Anchored(Protocol):
    """What a due moment may lean on."""

    since: datetime


@dataclass(frozen=True)
class Calendar:
    """The days on which clocks run in one cooperation, for everybody or as `seen_by` somebody.

    `houses`: the closed and exam weeks of institutions, which count only for those who see them.
    """

    timezone: str = "Europe/Amsterdam"
    closures: tuple[Closed, ...] = ()
    houses: tuple[Closed, ...] = ()

    @classmethod
    def made(cls, timezone: str, spans: list[Closed]) -> Self:
        """From closures of everybody and of institutions, in any order, repeated ones once."""
        found = sorted(set(spans), key=lambda one: (one.of or "", one.first, one.last, one.kind, one.name))
        everybody = tuple(one for one in found if one.of is None)
        return cls(timezone, everybody, tuple(one for one in found if one.of))

    def works_on(self, day: date) -> bool:
        """Whether clocks run on this day."""
        return self.rest(day) is None

    def rest(self, day: date) -> Rest | None:
        """Why a day does not count, or None when it does."""
        if day.weekday() > 4:
            return Rest("weekend")
        if day in public_holidays(day.year):
            return Rest("holiday", holiday_name(day, "nl"), holiday_name(day, "en_US"))
        found = self._closed.get(day)
        return Rest(found.kind, found.name, found.name_en, found.of) if found else None

    @cached_property
    def _closed(self) -> dict[date, Closed]:
        days: dict[date, Closed] = {}
        for one in self.closures:
            for n in range((one.last - one.first).days + 1):
                days.setdefault(one.first + DAY * n, one)
        return days

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it, when negative)."""
        step = DAY if count >= 0 else -DAY
        for _ in range(abs(count)):
            day += step
            while not self.works_on(day):
                day += step
        return day

    def count(self, first: date, last: date) -> int:
        """How many days count of those after the first up to and including the last."""
        return sum(self.works_on(first + DAY * n) for n in range(1, (last - first).days + 1))

    def seen_by(self, kinds: set[str], own: set[str], institution: str | None) -> "Calendar":
        """With everybody's closures of these kinds, and those of one institution that are of the kinds `own`."""
        key = frozenset(kinds), frozenset(own), institution
        if key not in self._views:
            everybody = tuple(one for one in self.closures if one.kind in kinds | own)
            here = tuple(one for one in self.houses if one.of == institution and one.kind in own)
            self._views[key] = replace(self, closures=everybody + here)
        return self._views[key]

    @cached_property
    def _views(self) -> dict[tuple[frozenset[str], frozenset[str], str | None], "Calendar"]:
        return {}  # a calendar is asked for the same few again and again, and each counts its closed days once

    def paused(self, pauses: tuple[Pause, ...]) -> "Calendar":
        """With the days on which one clock stood still; those come first when a day is explained."""
        still = tuple(Closed(first + DAY, last, kind="suspended") for first, last in pauses if first < last)
        return replace(self, closures=still + self.closures)

    def local(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.timezone)).date()

    def morning(self, day: date) -> datetime:
        """Eight o'clock local time on that day, in UTC."""
        return datetime.combine(day, MORNING, ZoneInfo(self.timezone)).astimezone(UTC)


@lru_cache(maxsize=1024)
def parse(at: str) -> tuple[str, int, str]:
    """`midway + 5 wd` → ("midway", 5, "wd"). Raises ValueError on anything the process table may not say."""
    found = PATTERN.match(at.strip())
    if not found or not at.strip() or (found["anchor"] and bool(found["sign"]) != bool(found["n"])):
        raise ValueError(f"{at!r} is not a term: say `5 wd`, `30 d`, `6 w`, `12 m`, `until - 4 w`, `midway + 5 wd`")
    n = int(found["n"] or 0)
    return found["anchor"] or "since", -n if found["sign"] == "-" else n, found["unit"] or "d"


def begins(at: str, subject: Anchored, calendar: Calendar) -> date | None:
    """The day from which a term counts for this subject, or None while it is unknown."""
    anchor = parse(at)[0]
    if anchor == "since":
        return Timing.of(subject).began or calendar.local(subject.since)
    if anchor == "midway":
        start, end = getattr(subject, "starts_on", None), getattr(subject, "ends_on", None)
        return start + (end - start) / 2 if start and end else None
    day: date | None = getattr(
        subject, {"until": "until", "start": "starts_on", "end": "ends_on", "embargo": "embargo"}[anchor], None
    )
    return day


def due_day(at: str, subject: Anchored, calendar: Calendar) -> date | None:
    """The day on which a term ends for this subject, or None while its anchor is unknown."""
    _, n, unit = parse(at)
    day = begins(at, subject, calendar)
    if day is None:
        return None
    timing = Timing.of(subject)
    running = calendar.paused(timing.pauses)
    if unit == "wd":
        return running.add_working_days(day, n + timing.extra if n > 0 else n)
    later: date = day + {"d": relativedelta(days=n), "w": relativedelta(weeks=n), "m": relativedelta(months=n)}[unit]
    return running.add_working_days(_past(timing.pauses, day, later), timing.extra) if n > 0 else later


def fitted(rows: tuple[Due, ...], days: int) -> tuple[Due, ...]:
    """The terms of a state made longer or shorter together, so that its step comes after so many working days."""
    whole = next((_long(row.at) for row in rows if row.take), 0.0)
    if not whole:
        return rows
    return tuple(replace(row, at=f"{max(1, round(days * _long(row.at) / whole))} wd") for row in rows)


def _long(at: str) -> float:
    """About how many days a term lasts, weekends included."""
    _, n, unit = parse(at)
    return n * {"wd": 7 / 5, "d": 1.0, "w": 7.0, "m": 30.4}[unit]


def _past(pauses: tuple[Pause, ...], day: date, later: date) -> date:
    for first, last in pauses:
        if max(first, day) < min(last, later):
            later += last - max(first, day)
    return later

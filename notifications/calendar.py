"""The dates of a trajectory as an iCalendar file."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from icalendar import Calendar, Event, Timezone

from notifications.filters import line, lines
from notifications.letters import LANGUAGES, TEXTS
from notifications.message import Attachment
from schemas.moment import now

PUBLISH = "PUBLISH"  # nobody is asked to answer a machine, and one file may hold several dates
CANCEL = "CANCEL"
METHODS = {"agreed": PUBLISH, "kick-off": PUBLISH, "lecturer-changed": PUBLISH,
           "cancelled": CANCEL, "called-off": CANCEL, "stopped": CANCEL}  # fmt: skip
AMSTERDAM = "Europe/Amsterdam"  # of letters owed before their facts named a time zone


def trajectory_dates(name: str, language: str, facts: Mapping[str, Any], links: Mapping[str, str]) -> Attachment | None:
    """Start, half-way and end as all-day events, or their cancellation; None for a letter about neither.

    A UID stays the same in every letter and the sequence rises, so that a later file moves or removes the dates of an
    earlier one instead of doubling them. Dates that were never agreed on were in nobody's calendar.
    """
    trajectory = facts.get("trajectory") or {}
    days, method = _days(trajectory), METHODS.get(name)
    if method is None or not days or not trajectory.get("agreed", name in ("agreed", "kick-off")):
        return None
    calendar = new_calendar(method, facts, min(days.values()), max(days.values()))
    for what, day in days.items():
        entry = _event(what, day, language, facts, links)
        entry.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
        calendar.add_component(entry)
    return Attachment("stadsvraag.ics", bytes(calendar.to_ical()), "text/calendar", method)


def new_calendar(method: str, facts: Mapping[str, Any], first: date, last: date) -> Calendar:
    """An empty calendar with the city's time zone, for the years of these days."""
    calendar = Calendar()
    calendar.add("prodid", "-//Stadsvraag//NL")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(zone(first, last, zone_of(facts)))
    return calendar


def zone_of(facts: Mapping[str, Any]) -> str:
    """The name of the time zone that a letter's moments are told in."""
    return str(facts.get("timezone") or AMSTERDAM)


def event(
    uid: str, start: date | datetime, end: date | datetime, summary: str, sequence: int = 0, timezone: str = AMSTERDAM
) -> Event:
    """One entry. Dates are whole days, `end` the day after; aware datetimes are put in that time zone."""
    entry = Event()
    for key, moment in (("dtstart", start), ("dtend", end)):
        entry.add(key, moment.astimezone(ZoneInfo(timezone)) if isinstance(moment, datetime) else moment)
    entry.add("uid", uid)
    entry.add("dtstamp", now().astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", sequence)
    entry.add("summary", line(summary))
    return entry


def zone(first: date, last: date, timezone: str = AMSTERDAM) -> Timezone:
    """VTIMEZONE for the years that matter."""
    return _zone(first.year, last.year, timezone)


@lru_cache(maxsize=64)
def _zone(first: int, last: int, timezone: str) -> Timezone:
    return Timezone.from_tzid(timezone, first_date=date(first, 1, 1), last_date=date(last + 1, 1, 1))


def _days(trajectory: Mapping[str, Any]) -> dict[str, date]:
    try:
        start, end = (date.fromisoformat(str(trajectory[key])[:10]) for key in ("starts_on", "ends_on"))
    except (KeyError, ValueError):
        return {}
    return {"start": start, "midway": start + (end - start) / 2, "end": end}


def _event(what: str, day: date, language: str, facts: Mapping[str, Any], links: Mapping[str, str]) -> Event:
    trajectory, words = facts["trajectory"], _words(language)
    uid = f"{line(trajectory['ref'] or facts['ref'])}.{what}@stadsvraag"
    entry = event(uid, day, day + timedelta(days=1), f"{words[what]}: {line(facts['title'])}", facts.get("version", 0))
    told = [f"{line(trajectory.get(key))}" for key in ("institution", "offering", "lecturer")] + [line(facts["owner"])]
    entry.add("description", lines([*filter(None, told), links.get("status", "")]))
    entry.add("transp", "TRANSPARENT")
    return entry


@lru_cache
def _words(language: str) -> dict[str, str]:
    chosen = language if language in LANGUAGES else "en"
    read: dict[str, str] = yaml.safe_load((Path(TEXTS) / chosen / "calendar.yaml").read_text("utf-8"))
    return read

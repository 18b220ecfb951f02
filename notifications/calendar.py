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
from schemas.moment import now

WITH_INVITATION = frozenset({"agreed", "kick-off"})
SEQUENCE = {"agreed": 0, "kick-off": 1}
METHOD = "PUBLISH"  # nobody is asked to answer a machine, and one file may hold several dates


def invitation(name: str, language: str, facts: Mapping[str, Any], links: Mapping[str, str]) -> bytes | None:
    """Start, half-way and end as all-day events; None when the letter has no dates.

    A UID stays the same in every letter, so that a later file moves the dates instead of doubling them.
    """
    trajectory = facts.get("trajectory") or {}
    days = _days(trajectory)
    if name not in WITH_INVITATION or not days:
        return None
    calendar = Calendar()
    calendar.add("prodid", "-//Stadsvraag//NL")
    calendar.add("version", "2.0")
    calendar.add("method", METHOD)
    calendar.add_component(zone(min(days.values()), max(days.values())))
    for what, day in days.items():
        calendar.add_component(_event(what, day, SEQUENCE[name], language, facts, links))
    return bytes(calendar.to_ical())


def event(uid: str, start: date | datetime, end: date | datetime, summary: str, sequence: int = 0) -> Event:
    """One entry. Dates are whole days, `end` the day after; aware datetimes are put in Amsterdam time."""
    entry = Event()
    for key, moment in (("dtstart", start), ("dtend", end)):
        entry.add(key, moment.astimezone(ZoneInfo("Europe/Amsterdam")) if isinstance(moment, datetime) else moment)
    entry.add("uid", uid)
    entry.add("dtstamp", now().astimezone(UTC).replace(microsecond=0))
    entry.add("sequence", sequence)
    entry.add("summary", line(summary))
    return entry


def zone(first: date, last: date) -> Timezone:
    """VTIMEZONE of Amsterdam for the years that matter."""
    return Timezone.from_tzid(
        "Europe/Amsterdam", first_date=date(first.year, 1, 1), last_date=date(last.year + 1, 1, 1)
    )


def _days(trajectory: Mapping[str, Any]) -> dict[str, date]:
    try:
        start, end = (date.fromisoformat(str(trajectory[key])[:10]) for key in ("starts_on", "ends_on"))
    except (KeyError, ValueError):
        return {}
    return {"start": start, "midway": start + (end - start) / 2, "end": end}


def _event(
    what: str, day: date, sequence: int, language: str, facts: Mapping[str, Any], links: Mapping[str, str]
) -> Event:
    trajectory, words = facts["trajectory"], _words(language)
    uid = f"{line(trajectory['ref'] or facts['ref'])}.{what}@stadsvraag"
    entry = event(uid, day, day + timedelta(days=1), f"{words[what]}: {line(facts['title'])}", sequence)
    told = [f"{line(trajectory.get(key))}" for key in ("institution", "offering", "lecturer")] + [line(facts["owner"])]
    entry.add("description", lines([*filter(None, told), links.get("status", "")]))
    entry.add("transp", "TRANSPARENT")
    return entry


@lru_cache
def _words(language: str) -> dict[str, str]:
    chosen = language if language in LANGUAGES else "en"
    read: dict[str, str] = yaml.safe_load((Path(TEXTS) / chosen / "calendar.yaml").read_text("utf-8"))
    return read

"""The calendar file of a meeting: one UID for life, a rising sequence, the right hour in summer and winter."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from notifications.facts import ABOUT_MEETING
from notifications.meetings import meeting_dates

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LINKS = {"question": "https://stadsvraag.example.org/meetings/1"}


def facts(begins: datetime, sequence: int = 0, **changes: Any) -> dict[str, Any]:
    meeting = {"uid": "abc@stadsvraag", "sequence": sequence, "committee": "Regiegroep", "place": "Stadhuis",
               "link": "https://vergaderen.example.org/1", "begins_at": begins.isoformat(),
               "ends_at": (begins + timedelta(minutes=90)).isoformat()}  # fmt: skip
    return {"meeting": meeting | changes, "coordinator": {"name": "Bram", "email": "bram@example.org"}}


def parsed(name: str, given: dict[str, Any]) -> tuple[Any, Any, str]:
    found = meeting_dates(name, given, LINKS)
    assert found is not None
    calendar = Calendar.from_ical(found.content)
    [event] = calendar.walk("VEVENT")
    return calendar, event, found.method


@pytest.mark.parametrize("day", [date(2027, 3, 27), date(2027, 3, 29), date(2027, 10, 30), date(2027, 11, 1)])
def test_two_in_the_afternoon_is_two_in_the_afternoon(day: date) -> None:
    begins = datetime(day.year, day.month, day.day, 14, tzinfo=AMSTERDAM).astimezone(UTC)
    calendar, event, method = parsed("meeting-pack", facts(begins))
    start = event["dtstart"].dt
    assert (start.hour, start.date(), start.utcoffset()) == (14, day, begins.astimezone(AMSTERDAM).utcoffset())
    assert start.astimezone(UTC) == begins
    assert event["dtend"].dt - start == timedelta(minutes=90)
    assert event["dtstart"].params["tzid"] == "Europe/Amsterdam"
    [zone] = calendar.walk("VTIMEZONE")
    # A reader that trusts the file's own zone, not its name, must find the same moment.
    assert zone.to_tz().utcoffset(start.replace(tzinfo=None)) == start.utcoffset()
    assert method == calendar["method"] == "PUBLISH"


def test_a_move_updates_and_a_cancellation_removes() -> None:
    begins = datetime(2027, 1, 12, 13, tzinfo=UTC)
    steps = [("meeting-planned", 0), ("meeting-moved", 1), ("meeting-pack", 1), ("meeting-cancelled", 2)]
    found = [parsed(name, facts(begins, n)) for name, n in steps]
    assert {str(event["uid"]) for _, event, _ in found} == {"abc@stadsvraag"}
    assert [event["sequence"] for _, event, _ in found] == [0, 1, 1, 2]
    assert [str(event["status"]) for _, event, _ in found] == ["CONFIRMED"] * 3 + ["CANCELLED"]
    assert [method for *_, method in found] == ["PUBLISH"] * 3 + ["CANCEL"]
    assert all(event["organizer"] == "mailto:bram@example.org" for _, event, _ in found)


def test_what_was_typed_stays_within_its_line() -> None:
    nasty = facts(datetime(2027, 1, 12, 13, tzinfo=UTC), place="Kamer 1\r\nATTENDEE:mailto:x@example.org", link="")
    _, event, _ = parsed("meeting-planned", nasty)
    assert event["location"] == "Kamer 1 ATTENDEE:mailto:x@example.org"
    assert "attendee" not in event


def test_only_letters_that_set_a_date_bring_one() -> None:
    given = facts(datetime(2027, 1, 12, 13, tzinfo=UTC))
    assert {name for name in ABOUT_MEETING if meeting_dates(name, given, {})} == ABOUT_MEETING - {"decision-list"}
    assert meeting_dates("accepted", {}, {}) is None

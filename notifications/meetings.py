"""What goes with a letter about a meeting: the calendar file that a calendar can follow."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from icalendar import vCalAddress

from notifications.calendar import event, new_calendar, zone_of
from notifications.facts import ABOUT_MEETING
from notifications.filters import line, lines
from notifications.message import Attachment, plain_address

DATED = ABOUT_MEETING - {"decision-list"}
METHODS = {"meeting-cancelled": "CANCEL"}


def meeting_dates(name: str, facts: Mapping[str, Any], links: Mapping[str, str]) -> Attachment | None:
    """The meeting as a calendar file, or None for a letter that sets no date.

    The UID stays the same and the sequence rises, so that a later file moves or removes what an earlier one put there.
    """
    meeting = facts.get("meeting") or {}
    if name not in DATED or not meeting.get("uid"):
        return None
    method = METHODS.get(name, "PUBLISH")
    begins, ends = (datetime.fromisoformat(meeting[key]).astimezone(UTC) for key in ("begins_at", "ends_at"))
    calendar = new_calendar(method, facts, begins.date(), ends.date())
    called, timezone = line(meeting["committee"]), zone_of(facts)
    entry = event(line(meeting["uid"]), begins, ends, called, meeting["sequence"], timezone)
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    entry.add("location", line(meeting.get("place") or meeting.get("link")))
    entry.add("description", lines([part for part in (meeting.get("link"), links.get("question")) if part]))
    _organizer(entry, facts.get("coordinator") or {})
    calendar.add_component(entry)
    return Attachment("stadsvraag.ics", bytes(calendar.to_ical()), "text/calendar", method)


def _organizer(entry: Any, coordinator: Mapping[str, str]) -> None:
    # Calendars want to know whose meeting it is (RFC 5546); nobody is asked to answer.
    if coordinator.get("email"):
        organizer = vCalAddress(f"mailto:{plain_address(coordinator['email'])}")
        organizer.params["cn"] = line(coordinator.get("name"))
        entry.add("organizer", organizer)

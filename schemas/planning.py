"""Planning, moving, cancelling and closing a meeting; each change is one that a calendar can follow."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import calendar_of, cooperation_of
from schemas.clock import Calendar
from schemas.meetings import Meeting, on_day
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, Need, check, model_of
from schemas.parties import Cooperation
from schemas.seats import seats_of
from schemas.versions import rules_of

ASKED = {"day": Need("date"), "begins": Need("line"), "ends": Need("line"), "place": Need("line"),
         "link": Need("line", max=400)}  # fmt: skip
PLAN = model_of(ASKED, frozenset({"day", "begins", "ends"}), "Plan")
CANCELLED = model_of({"reason": Need("text", max=2000)}, frozenset(), "Cancelled")
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
LINK = re.compile(r"https?://[^\s<>\"]+")


class Plan(NamedTuple):
    """When and where, checked."""

    begins_at: datetime
    ends_at: datetime
    place: str
    link: str


def read_plan(given: Mapping[str, Any], timezone: str, at: datetime) -> Plan:
    """What was filled in as moments. Raises FaultyNeeds with every fault."""
    clean = check(PLAN, given)
    faults: list[Fault] = []
    day, zone = date.fromisoformat(clean["day"]), ZoneInfo(timezone)
    begins, ends = (_moment(day, clean[name], zone, name, faults) for name in ("begins", "ends"))
    if begins and begins <= at:
        faults.append(Fault("day", "not_in_future"))
    if begins and ends and ends <= begins:
        faults.append(Fault("ends", "ends_before"))
    if not clean.get("place") and not clean.get("link"):
        faults.append(Fault("place", "place_or_link"))
    if clean.get("link") and not LINK.fullmatch(clean["link"]):
        faults.append(Fault("link", "not_a_link"))
    if faults or begins is None or ends is None:
        raise FaultyNeeds(faults)
    return Plan(begins, ends, clean.get("place", ""), clean.get("link", ""))


def _moment(day: date, typed: str, zone: ZoneInfo, field: str, faults: list[Fault]) -> datetime | None:
    found = CLOCK.fullmatch(typed.strip())
    if not found:
        faults.append(Fault(field, "not_a_time"))
        return None
    wall = datetime.combine(day, time(int(found[1]), int(found[2])))
    moment = wall.replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
    if moment.astimezone(zone).replace(tzinfo=None) != wall:  # the clock goes from 2:00 to 3:00
        faults.append(Fault(field, "no_such_time"))
        return None
    return moment


async def plan(session: AsyncSession, given: Mapping[str, Any], actor_id: int, at: datetime) -> Meeting:
    """A new meeting. Raises FaultyNeeds."""
    cooperation = await cooperation_of(session)
    when = read_plan(given, cooperation.timezone, at)
    meeting = Meeting(uid=f"{uuid4().hex}@stadsvraag", made_by_id=actor_id, **when._asdict())
    meeting.pack_at = await pack_moment(session, cooperation, meeting)
    session.add(meeting)
    await session.flush()
    return meeting


async def move(session: AsyncSession, meeting: Meeting, given: Mapping[str, Any], at: datetime) -> bool:
    """Another time or place; False when nothing is different. Raises FaultyNeeds.

    A pack that has been mailed goes out again only when its new day lies ahead: by then the agenda is another one.
    """
    refuse_over(meeting)
    cooperation = await cooperation_of(session)
    when = read_plan(given, cooperation.timezone, at)
    if when == (meeting.begins_at, meeting.ends_at, meeting.place, meeting.link):
        return False
    meeting.begins_at, meeting.ends_at, meeting.place, meeting.link = when
    meeting.sequence += 1
    due = await pack_moment(session, cooperation, meeting)
    if meeting.pack_sent_at is None or due > at:
        meeting.pack_at, meeting.pack_sent_at = due, None
    session.add(meeting)
    return True


def cancel(meeting: Meeting, at: datetime) -> None:
    """It does not take place. Raises FaultyNeeds when it is over."""
    refuse_over(meeting)
    meeting.cancelled_at, meeting.pack_at = at, None
    meeting.sequence += 1


def close(meeting: Meeting, at: datetime) -> None:
    """Nothing more is decided in it. Raises FaultyNeeds when it is over already, or has not begun."""
    refuse_over(meeting)
    if meeting.begins_at > at:
        raise FaultyNeeds([Fault("meeting", "not_begun")])
    meeting.closed_at, meeting.pack_at = at, None


async def take_seats(session: AsyncSession, meeting: Meeting, seats: set[int], today: date) -> None:
    """Who is present. Raises FaultyNeeds for somebody who has no vote to give."""
    refuse_over(meeting)
    allowed = {one.member.id for one in await seats_of(session, today) if one.votes}
    if not seats <= allowed:
        raise FaultyNeeds([Fault("present", "not_a_member")])
    meeting.present = sorted(seats)
    session.add(meeting)


def refuse_over(meeting: Meeting) -> None:
    if not meeting.open:
        raise FaultyNeeds([Fault("meeting", "meeting_over")])


async def locked(session: AsyncSession, meeting_id: int) -> Meeting | None:
    """The meeting, kept from others until this transaction ends."""
    query = select(Meeting).where(Meeting.id == meeting_id).with_for_update()
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def pack_moment(session: AsyncSession, cooperation: Cooperation, meeting: Meeting) -> datetime:
    """When the pack goes out: in the morning, so many working days before the meeting as the city says."""
    days = await committee_days(session, cooperation)
    ahead = int(cooperation.data.get("pack_working_days", 5))
    return days.morning(days.add_working_days(on_day(meeting, cooperation.timezone), -ahead))


async def today_there(session: AsyncSession) -> date:
    """The day it is where the committee meets."""
    return now().astimezone(ZoneInfo((await cooperation_of(session)).timezone)).date()


async def committee_days(session: AsyncSession, cooperation: Cooperation) -> Calendar:
    """The days on which the committee works."""
    stops = (rules_of(cooperation.data).city("clocks") or {}).get("everyone", ("holidays",))
    return (await calendar_of(session, cooperation)).seen_by({*stops}, set(), None)

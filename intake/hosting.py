"""Who may see the meetings of the committee and who runs them; what running them does, for pages and API alike."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.language import moment, speaking
from intake.sight import Reader
from intake.trouble import NotFound
from reports.papers import decision_list, in_all_languages
from schemas.case import cooperation_of
from schemas.database import reading
from schemas.meeting_letters import meeting_facts, owe_all
from schemas.meetings import Meeting
from schemas.moment import now
from schemas.needs import check
from schemas.planning import CANCELLED, cancel, close, locked, move, plan
from schemas.rules import Role
from schemas.words import languages

READERS = {Role.COMMITTEE, Role.CHAIR, Role.COORDINATOR, Role.EXECUTIVE}
HOSTS = {Role.CHAIR, Role.COORDINATOR}


def sees_meetings(reader: Reader) -> bool:
    return bool(reader.roles & READERS)


def is_host(reader: Reader) -> bool:
    return bool(reader.roles & HOSTS)


def check_reader(reader: Reader, *, host: bool = False) -> None:
    """Raises NotForYou."""
    if not (is_host(reader) if host else sees_meetings(reader)):
        raise NotForYou


async def meeting_seen(request: Request, reader: Reader, meeting_id: int) -> Meeting:
    """The meeting, to look at. Raises NotForYou or NotFound."""
    check_reader(reader)
    async with reading(request.app.state.engine) as session:
        found = await session.get(Meeting, meeting_id) if 0 < meeting_id < 2**31 else None
    if found is None:
        raise NotFound("page")
    return found


async def meeting_held(session: AsyncSession, reader: Reader, meeting_id: int) -> Meeting:
    """The meeting, to change. Raises NotForYou or NotFound."""
    check_reader(reader, host=True)
    found = await locked(session, meeting_id) if 0 < meeting_id < 2**31 else None
    if found is None:
        raise NotFound("page")
    return found


async def plan_one(session: AsyncSession, reader: Reader, given: Mapping[str, Any]) -> Meeting:
    """Plan a meeting and write to everybody. Raises FaultyNeeds."""
    check_reader(reader, host=True)
    meeting = await plan(session, given, reader.person.id, now())
    await owe_all(session, meeting, "meeting-planned", now(), _ahead(meeting))
    return meeting


async def move_one(session: AsyncSession, reader: Reader, meeting_id: int, given: Mapping[str, Any]) -> Meeting:
    """Give it another time or place; nobody is written to when nothing is different. Raises FaultyNeeds."""
    meeting = await meeting_held(session, reader, meeting_id)
    was = {}
    for language in languages():
        with speaking(language):
            was[language] = moment(meeting.begins_at)
    if await move(session, meeting, given, now()):
        more = {language: one | {"was": was[language]} for language, one in _ahead(meeting).items()}
        await owe_all(session, meeting, "meeting-moved", now(), more)
    return meeting


async def cancel_one(session: AsyncSession, reader: Reader, meeting_id: int, given: Mapping[str, Any]) -> Meeting:
    """It does not take place. Raises FaultyNeeds when it is over."""
    meeting = await meeting_held(session, reader, meeting_id)
    reason = check(CANCELLED, given).get("reason", "")
    cancel(meeting, now())
    await owe_all(session, meeting, "meeting-cancelled", now(), {key: {"reason": reason} for key in languages()})
    return meeting


async def close_one(session: AsyncSession, reader: Reader, meeting_id: int) -> Meeting:
    """Close it: the decision list is frozen and mailed. Raises FaultyNeeds."""
    meeting = await meeting_held(session, reader, meeting_id)
    close(meeting, now())
    await session.flush()
    meeting.decisions = await in_all_languages(session, meeting, decision_list)
    more = {language: {"paper": paper, "decided": [{key: one[key] for key in ("ref", "title", "outcome")}
                                                   for one in paper["decided"]]}
            for language, paper in meeting.decisions.items()}  # fmt: skip
    await owe_all(session, meeting, "decision-list", now(), more)
    return meeting


def _ahead(meeting: Meeting) -> dict[str, dict[str, Any]]:
    """When the papers come, for whoever is told of a meeting before them."""
    due = meeting.pack_at
    day = due.date().isoformat() if due and due > now() else None
    return {language: {"pack_day": day} for language in languages()}


async def shown(session: AsyncSession, meeting: Meeting, language: str) -> dict[str, Any]:
    """When and where, and how it stands, as the pages show it."""
    cooperation = await cooperation_of(session)
    state = "cancelled" if meeting.cancelled_at else "closed" if meeting.closed_at else "planned"
    return meeting_facts(meeting, cooperation, language) | {
        "state": state, "kind": {"planned": "waiting", "closed": "done", "cancelled": "ended"}[state],
        "pack_at": meeting.pack_at, "pack_sent_at": meeting.pack_sent_at, "begun": meeting.begins_at <= now(),
    }  # fmt: skip

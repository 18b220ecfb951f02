"""What the papers of a meeting hold, by language: the pack beforehand, the decision list afterwards."""

from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from reports.agenda import agenda_in
from reports.decided import decided_in, left_open
from schemas.case import cooperation_of
from schemas.facts import named
from schemas.meeting_letters import meeting_facts
from schemas.meetings import Meeting
from schemas.parties import Person
from schemas.words import languages

Paper = dict[str, Any]


async def pack(session: AsyncSession, meeting: Meeting, language: str) -> Paper:
    """The agenda with everything a member should have read."""
    agenda = await agenda_in(session, language)
    return await _head(session, meeting, language) | {
        "kind": "pack", "items": await agenda.to_decide(), "waiting": await agenda.waits_for_education(),
        "declined": await agenda.declined_twice(), "at_risk": await agenda.at_risk(),
    }  # fmt: skip


async def decision_list(session: AsyncSession, meeting: Meeting, language: str) -> Paper:
    """What was decided in the meeting, and by mail since the one before."""
    names = [row.name for row in await session.exec(
        select(Person).where(col(Person.id).in_(meeting.present)).order_by(Person.name))]  # fmt: skip
    found = await decided_in(session, meeting, language)
    return await _head(session, meeting, language) | {
        "kind": "decisions", "present": names, "decided": [one for one in found if one["here"]],
        "between": [one for one in found if not one["here"]], "open": await left_open(session, meeting, language),
    }  # fmt: skip


async def in_all_languages(session: AsyncSession, meeting: Meeting, make: Any) -> dict[str, Paper]:
    """The same paper for every reader."""
    return {language: await make(session, meeting, language) for language in languages()}


async def _head(session: AsyncSession, meeting: Meeting, language: str) -> Paper:
    cooperation = await cooperation_of(session)
    return {"language": language, "cooperation": named(cooperation, language),
            "meeting": meeting_facts(meeting, cooperation, language)}  # fmt: skip

"""What the committee has decided: the outcome, how it came about, and the minority with its reasons."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from reports.agenda import LONGEST, agenda_in
from schemas.case import open_case
from schemas.facts import given_in_words, named
from schemas.ledger import Entry
from schemas.meetings import Decision, Meeting
from schemas.moment import now
from schemas.needs import NEEDS
from schemas.parties import Organisation, Person
from schemas.subjects import Question
from schemas.words import choice_label

Row = dict[str, Any]
MEETING = "decide_in_meeting"


async def decided_in(session: AsyncSession, meeting: Meeting, language: str) -> list[Row]:
    """The decisions of a meeting, and those taken otherwise since the meeting before it was closed."""
    before = select(Meeting.closed_at).where(col(Meeting.closed_at) < (meeting.closed_at or now()))
    since = (await session.exec(before.order_by(col(Meeting.closed_at).desc()).limit(1))).first()
    query = select(Decision).order_by(col(Decision.at), col(Decision.id))
    rows = list(await session.exec(query.where(Decision.meeting_id == meeting.id)))
    between = query.where(col(Decision.meeting_id).is_(None), Decision.at <= (meeting.closed_at or now()))
    rows += await session.exec((between.where(Decision.at > since) if since else between).limit(LONGEST))
    return [await decision_row(session, one, language) | {"here": one.meeting_id == meeting.id} for one in rows]


async def decisions_of(session: AsyncSession, question_id: int, language: str) -> list[Row]:
    """Every round of a question that has ended, newest first."""
    query = select(Decision).where(Decision.question_id == question_id).order_by(col(Decision.id).desc())
    return [await decision_row(session, one, language) for one in await session.exec(query)]


async def decision_row(session: AsyncSession, one: Decision, language: str) -> Row:
    """One decision in words."""
    question = await session.get_one(Question, one.question_id)
    case = await open_case(session, question)
    entry = await session.get_one(Entry, one.entry_id)
    people = await _names(session, [vote["person"] for vote in one.votes])
    against = [{"name": people.get(vote["person"], ""), "vote": choice_label(language, "ballots", vote["vote"]),
                "reason": vote["reason"]} for vote in one.against]  # fmt: skip
    city = await session.get(Organisation, question.city_id) if question.city_id else None
    counts = {name: one.count(name) for name in (one.step, "abstain", "conflict")}
    return {
        "ref": question.ref or "", "title": question.title, "city": named(city, language) if city else "",
        "round": one.round, "step": one.step,
        "outcome": choice_label(language, "ballots", one.step), "how": one.how, "by_default": one.by_default,
        "day": case.calendar.local(one.at).isoformat(), "members": one.members, "votes": len(one.votes),
        "for": counts[one.step], "against": len(against), "abstained": counts["abstain"],
        "conflict": counts["conflict"], "minority": against,
        "given": [{"label": row["label"], "value": row["value"], "date": NEEDS[name].kind == "date"} for name, row in
                  (await given_in_words(case, entry.needs, language)).items()],
    }  # fmt: skip


async def left_open(session: AsyncSession, meeting: Meeting, language: str) -> list[Row]:
    """What was voted on in a meeting without a decision, and is before the committee still."""
    query = select(Question, Entry).join(Entry, col(Entry.question_id) == col(Question.id))
    decided = select(Decision.question_id).where(Decision.meeting_id == meeting.id)
    query = query.where(Question.state == "triage", Entry.step == MEETING, col(Question.id).not_in(decided))
    tried = {question.id: question for question, entry in await session.exec(query.order_by(col(Question.id)))
             if entry.needs.get("meeting") == str(meeting.id)}  # fmt: skip
    agenda = await agenda_in(session, language)
    return [await agenda.row(one) for one in tried.values()]


async def _names(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    return {row.id: row.name for row in await session.exec(select(Person).where(col(Person.id).in_(ids)))}

"""What a meeting is about: it builds itself from what is before the committee, with what it should know of the rest."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import String, cast, literal_column
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, calendar_of, cooperation_of
from schemas.clock import Calendar
from schemas.committee import votes_of
from schemas.facts import named, readable
from schemas.moment import now
from schemas.parties import Cooperation, Organisation, Person
from schemas.process import TRAJECTORY
from schemas.standing import standing
from schemas.subjects import Question, Trajectory
from schemas.words import choice_label, word

Row = dict[str, Any]
LONGEST = 200  # of each list; a meeting has never come to the end of it
RUNNING = [name for name, state in TRAJECTORY.states.items() if not state.end]


class Agenda:
    """Reads what every row needs once."""

    def __init__(self, session: AsyncSession, cooperation: Cooperation, calendar: Calendar, language: str) -> None:
        self._session, self._cooperation, self._calendar = session, cooperation, calendar
        self._language = language

    async def to_decide(self) -> list[Row]:
        """The questions before the committee, in the order in which they were asked."""
        query = select(Question).where(Question.state == "triage").order_by(col(Question.id))
        return [await self.row(one) for one in await self._session.exec(query.limit(LONGEST))]

    async def row(self, question: Question) -> Row:
        """One question as the committee reads it."""
        case = self._case(question)
        advice = question.advice
        return {
            **await self._short(question), "round": question.round,
            "owner": await self._name(question.owner_id), "department": question.form.get("department", ""),
            **{name: question.form.get(name, "") for name in ("situation", "wanted", "use")},
            "by": (by := standing(case, self._language).by) and by.isoformat(),
            "scores": [[choice_label(self._language, "scores", name), str(score)]
                       for name, score in advice.get("scores", {}).items()],
            "advice": choice_label(self._language, "advice", advice["advice"]) if advice.get("advice") else "",
            "advised": [[word(self._language, f"needs.{name}.label"),
                         await readable(case, name, advice[name], self._language)]
                        for name in ("route", "target") if advice.get(name)],
            "explanation": advice.get("explanation", ""),
            "votes": [await self._vote(one.person_id, one.vote, one.reason) for one in await votes_of(case)],
        }  # fmt: skip

    async def waits_for_education(self) -> list[Row]:
        """Questions for which no course has been found within the term that matching has."""
        query = select(Question).where(Question.state == "matching").order_by(col(Question.since)).limit(LONGEST)
        late = []
        for one in await self._session.exec(query):
            case = self._case(one)
            term = case.term("matching", 0)
            if (day := case.day(term) if term else None) and day <= case.today:
                late.append(await self._short(one) | {"since": case.calendar.local(one.since).isoformat()})
        return late

    async def declined_twice(self) -> list[Row]:
        """Questions still without a course that more than one institution has declined."""
        again = col(Question.declined) > literal_column("1")  # written out: the index holds these alone
        query = select(Question).where(Question.state == "matching", again).order_by(col(Question.id)).limit(LONGEST)
        return [await self._short(one) | {"times": one.declined} for one in await self._session.exec(query)]

    async def at_risk(self) -> list[Row]:
        """Trajectories whose lecturer or owner said half-way that the result is at risk."""
        query = select(Question, Trajectory).join(Trajectory, col(Trajectory.question_id) == Question.id)
        said = cast(col(Trajectory.midterm), String).like("%at_risk%")
        query = query.where(col(Trajectory.state).in_(RUNNING), said).order_by(col(Trajectory.id)).limit(LONGEST)
        return [
            await self._short(question) | {"ref": one.ref, "note": note}
            for question, one in await self._session.exec(query)
            for note in _notes(one.midterm.values())[:1]
        ]

    async def _short(self, question: Question) -> Row:
        city = await self._session.get(Organisation, question.city_id) if question.city_id else None
        named_city = named(city, self._language) if city else ""
        return {"ref": question.ref or "", "title": question.title, "city": named_city}

    async def _vote(self, person_id: int, vote: str, reason: str) -> Row:
        label = choice_label(self._language, "ballots", vote)
        return {"person": person_id, "name": await self._name(person_id), "vote": vote, "label": label,
                "reason": reason}  # fmt: skip

    async def _name(self, person_id: int | None) -> str:
        person = await self._session.get(Person, person_id) if person_id else None
        return person.name if person else ""

    def _case(self, question: Question) -> Case:
        return Case(self._session, question, question, [], self._cooperation, self._calendar, now())


def _notes(midterm: Iterable[Any]) -> list[str]:
    return [one.get("note", "") for one in midterm if one.get("progress") == "at_risk"]


async def agenda_in(session: AsyncSession, language: str) -> Agenda:
    """The agenda of the next meeting, in a language."""
    cooperation = await cooperation_of(session)
    return Agenda(session, cooperation, await calendar_of(session, cooperation), language)

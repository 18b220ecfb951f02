"""From rows to answers: a question or trajectory as this reader may see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api import shapes
from intake.api.openings import open_steps
from intake.sight import Reader, seen_attempts
from intake.telling import STAFF
from schemas.case import Case, calendar_of, cooperation_of
from schemas.clock import Calendar
from schemas.committee import votes_of
from schemas.moment import now
from schemas.parties import Cooperation, Person
from schemas.roles import people
from schemas.standing import stalled, standing
from schemas.subjects import Question, Trajectory, handed_on

NOBODY = shapes.Person(name="", email="")


@dataclass
class Around:
    """What is read once for many questions."""

    session: AsyncSession
    cooperation: Cooperation
    calendar: Calendar
    people: dict[int, Person]
    attempts: dict[int, list[Trajectory]]
    parts: dict[int, list[Question]]
    targets: set[int | None]  # what others were merged into

    def case(self, question: Question) -> Case:
        attempts = self.attempts.get(question.id, [])
        parts = self.parts.get(question.id, [])
        return Case(
            self.session, question, question, attempts, self.cooperation, self.calendar, now(), parts,
            question.id in self.targets,
        )  # fmt: skip

    def person(self, person_id: int | None) -> shapes.Person | None:
        found = self.people.get(person_id or 0)
        return shapes.Person(name=found.name, email=found.email) if found else None


async def around(session: AsyncSession, questions: Sequence[Question]) -> Around:
    """Everything that the answers about these questions need."""
    here = [one.id for one in questions]
    query = select(Trajectory).where(col(Trajectory.question_id).in_(here)).order_by(col(Trajectory.id))
    kin = or_(col(Question.part_of_id).in_(here), col(Question.merged_into_id).in_(here))
    relatives = select(Question).where(kin).order_by(col(Question.id))
    attempts: dict[int, list[Trajectory]] = {}
    parts: dict[int, list[Question]] = {}
    # Of none nothing is asked: to look for nothing, SQLite reads the whole table.
    for one in await session.exec(query) if here else ():
        attempts.setdefault(one.question_id, []).append(one)
    targets: set[int | None] = set()
    for relative in await session.exec(relatives) if here else ():
        parts.setdefault(relative.part_of_id or 0, []).append(relative)
        targets.add(relative.merged_into_id)
    ids = {one for row in questions for one in (row.submitter_id, row.owner_id, row.deputy_id, row.manager_id)}
    ids |= {one for rows in attempts.values() for row in rows for one in (row.lecturer_id, row.student_contact_id)}
    cooperation = await cooperation_of(session)
    people = await people_by_id(session, ids)
    return Around(session, cooperation, await calendar_of(session, cooperation), people, attempts, parts, targets)


async def people_by_id(session: AsyncSession, ids: Iterable[int | None]) -> dict[int, Person]:
    """The people with these ids."""
    return {row.id: row for row in await people(session, ids)}


def now_of(case: Case, language: str) -> shapes.Now:
    """Who acts now, what they do, by when."""
    found = standing(case, language)
    return shapes.Now(who=found.who, what=found.what, by=found.by, next=found.next)


def attempt_of(case: Case, one: Trajectory) -> shapes.Attempt:
    return shapes.Attempt(
        stalled=stalled(case.at(one)),
        ref=one.ref, state=one.state, institution=one.institution_id, offering=one.offering_id, term=one.term_id,
        starts_on=one.starts_on, ends_on=one.ends_on,
    )  # fmt: skip


def row_of(at: Around, reader: Reader, question: Question, language: str) -> shapes.QuestionRow:
    """A question in a list."""
    form = question.form
    case = at.case(question)
    seen = seen_attempts(reader, question, at.attempts.get(question.id, []))
    return shapes.QuestionRow(
        ref=question.ref or "", state=question.state, title=question.title, city=question.city_id or "",
        department=form.get("department", ""), challenge=form.get("challenge", ""),
        submitter=at.person(question.submitter_id) or NOBODY, owner=at.person(question.owner_id) or NOBODY,
        needed_by=form.get("needed_by"), created_at=question.created_at, since=question.since,
        now=now_of(case, language), trajectories=[attempt_of(case, one) for one in seen],
    )  # fmt: skip


async def question_of(session: AsyncSession, reader: Reader, question: Question, language: str) -> shapes.Question:
    """A question as a whole, with the steps that this reader may take."""
    at = await around(session, [question])
    form, case, staff = question.form, at.case(question), bool(reader.roles & STAFF)
    others = {"merged_into": question.merged_into_id, "part_of": question.part_of_id}
    refs = {name: await _ref(session, one) for name, one in others.items()}
    texts = {name: form.get(name, "") for name in ("situation", "wanted", "use", "confidential", "time_available")}
    return shapes.Question(
        **dict(row_of(at, reader, question, language)), **refs, **texts,
        deputy=at.person(question.deputy_id) or NOBODY, manager_agrees=form.get("manager_agrees") == "yes",
        language=form.get("language", question.language), known=form.get("known"), product=form.get("product"),
        place=form.get("place"), links=form.get("links", []), answers=form.get("answers", []),
        owner_confirmed=question.owner_confirmed, route=question.route, until=question.until,
        parts=[one.ref or "" for one in case.parts], lead=question.lead_id, manager=at.person(question.manager_id),
        target=question.target_id, picked_up=question.picked_up, round=question.round,
        advice=question.advice if staff else None, votes=await _votes(case) if staff else None,
        steps=await open_steps(case, reader, language),
    )  # fmt: skip


async def _ref(session: AsyncSession, question_id: int | None) -> str | None:
    found = await session.get(Question, question_id) if question_id else None
    return found.ref if found else None


async def _votes(case: Case) -> list[shapes.Voted]:
    votes = await votes_of(case)
    people = await people_by_id(case.session, (one.person_id for one in votes))
    return [
        shapes.Voted(
            person=shapes.Person(name=people[one.person_id].name, email=people[one.person_id].email),
            vote=one.vote, reason=one.reason, at=one.at,
        )
        for one in votes
    ]  # fmt: skip


async def trajectory_of(session: AsyncSession, reader: Reader, attempt: Trajectory, language: str) -> shapes.Trajectory:
    """A trajectory as a whole, with the steps that this reader may take."""
    question = await session.get_one(Question, attempt.question_id)
    at = await around(session, [question])
    case = at.case(question).at(attempt)
    earlier = await session.get(Trajectory, attempt.relay_from_id) if attempt.relay_from_id else None
    return shapes.Trajectory(
        **dict(attempt_of(case, attempt)), question=question.ref or "", title=question.title, since=attempt.since,
        now=now_of(case, language), message=attempt.message, relay_from=earlier.ref if earlier else None,
        earlier=handed_on(earlier) if earlier else {},
        lecturer=at.person(attempt.lecturer_id), student_contact=at.person(attempt.student_contact_id),
        students_expected=attempt.students_expected, agreement=attempt.agreement, agreed_by=attempt.agreed_by,
        midterm=attempt.midterm, result=attempt.result, acceptance=attempt.acceptance,
        clearances=attempt.clearances, published_on=attempt.published_on, created_at=attempt.created_at,
        steps=await open_steps(case, reader, language),
    )  # fmt: skip

"""What was kept for somebody goes together: one letter, made of those that are due, in one transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, cooperation_of, open_case
from schemas.facts import named
from schemas.kinds import kind_of
from schemas.ledger import Letter, LetterState
from schemas.letter_events import happened
from schemas.letters import new_message_id
from schemas.meeting_letters import contact_of
from schemas.needless import needless
from schemas.parties import Person
from schemas.roles import memberships, roles_towards
from schemas.running import still_waited_for
from schemas.settings import settings
from schemas.standing import expected, standing
from schemas.subjects import Question, Subject
from schemas.words import word

NAME = "digest"
Says = Callable[[Letter], str]  # a letter in one sentence; the mail room knows


def digest_due(at: Any) -> ColumnElement[bool]:
    """Letters that were kept until now."""
    return and_(col(Letter.state) == LetterState.KEPT, col(Letter.due_at) <= at)


async def awaited(session: AsyncSession, at: datetime, limit: int) -> list[int]:
    """The people for whom something was kept until now."""
    return list(await session.exec(select(Letter.recipient_id).where(digest_due(at)).distinct().limit(limit)))


async def gather(session: AsyncSession, person_id: int, at: datetime, says: Says) -> Letter | None:
    """Owe somebody one letter that says what was kept for them; None when there is nothing, or another was first.

    The person's row is locked: of two that gather at once the second finds nothing left.
    """
    query = select(Person).where(Person.id == person_id).with_for_update()
    person = (await session.exec(query.execution_options(populate_existing=True))).one()
    kept = select(Letter).where(digest_due(at), Letter.recipient_id == person_id)
    letters = list(await session.exec(kept.order_by(col(Letter.id)).with_for_update()))
    worth = [one for one in letters if not await _put_away(session, person, one, at)]
    if not worth:
        return None
    digest = await _digest(session, person, worth, at, says)
    session.add(digest)
    await session.flush()
    for one in worth:
        one.state, one.digest_id = LetterState.GATHERED, digest.id
        session.add_all([one, happened(one, "gathered", state=one.state)])
    return digest


async def _put_away(session: AsyncSession, person: Person, letter: Letter, at: datetime) -> bool:
    """Whether a kept letter need not be told any more; then it is withheld, and says why."""
    left = person.has_left(at.date())
    if not left and not await needless(session, letter):
        return False
    letter.state = LetterState.WITHHELD
    session.add_all([letter, happened(letter, "left" if left else "needless", state=letter.state)])
    return True


async def _digest(session: AsyncSession, person: Person, letters: list[Letter], at: datetime, says: Says) -> Letter:
    cooperation = await cooperation_of(session)
    questions = [await _about(session, person, list(group), at, says) for group in _by_question(letters)]
    facts = {
        "recipient": person.name, "role": letters[0].role, "cooperation": named(cooperation, person.language),
        "coordinator": await contact_of(session, cooperation, at.date()),
        "questions": sorted(questions, key=lambda one: not one["task"]),
        "kinds": sorted({str(kind_of(one.name, one.role)) for one in letters}), "count": len(letters),
    }  # fmt: skip
    return Letter(
        name=NAME, role=letters[0].role, recipient_id=person.id, email=person.email, language=person.language,
        facts=facts, message_id=new_message_id(), owed_at=at, due_at=at,
        expires_at=at + timedelta(days=settings().link_days),
    )  # fmt: skip


def _by_question(letters: Iterable[Letter]) -> Iterable[Iterable[Letter]]:
    ordered = sorted(letters, key=lambda one: (one.question_id or 0, one.id))
    return (group for _, group in groupby(ordered, key=lambda one: one.question_id))


async def _about(
    session: AsyncSession, person: Person, letters: list[Letter], at: datetime, says: Says
) -> dict[str, Any]:
    question = await session.get_one(Question, letters[0].question_id)
    case = await open_case(session, question, at)
    return {
        "id": question.id, "ref": question.ref or "", "title": question.title, "role": letters[0].role,
        "task": await _task(case, person), "now": standing(case, person.language).as_facts(),
        "news": [{"day": case.calendar.local(one.owed_at).isoformat(), "says": says(one)} for one in letters],
    }  # fmt: skip


async def _task(case: Case, person: Person) -> str:
    """What waits for them in the question or one of its trajectories, in words; empty when nothing does."""
    held = await memberships(case.session, person.id, case.today)
    subjects: list[Subject] = [case.question, *case.trajectories]
    for at in map(case.at, subjects):
        mine = roles_towards({person.id}, held, case.question, at.concerned)
        if expected(at) and mine & {*still_waited_for(at)}:
            return word(person.language, f"states.{at.subject.state}.task")
    return ""

"""Brings a question or a trajectory to any state, by real steps of the people whose turn it is."""

from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import begin_draft, fill, new_trajectory
from schemas.ledger import Entry
from schemas.steps import CLOCK, Actor, take_step
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Cast, Somebody, form, needs_for

One = TypeVar("One", Question, Trajectory)


class Story:
    """Each method is named after the state it ends in and answers with what is in it.

    Questions are Amira's, unless `by` says otherwise; trajectories are at the UT, unless `at` says otherwise.
    """

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    async def take(self, session: AsyncSession, subject: Subject, step: str, by: Actor, **needs: Any) -> Entry:
        """Take a step with valid needs, in which `needs` may change some."""
        at = subject.institution_id if isinstance(subject, Trajectory) else "ut"
        return await take_step(session, subject, step, by, needs_for(step, self.cast, at) | needs)

    async def _on(self, session: AsyncSession, one: One, step: str, by: Actor, **needs: Any) -> One:
        await self.take(session, one, step, by, **needs)
        return one

    async def state(self, session: AsyncSession, machine: str, state: str) -> Subject:
        """A fresh subject of `question` or `trajectory` in any state of its table."""
        subject: Subject = await getattr(self, state)(session)
        assert (type(subject).__name__.lower(), subject.state) == (machine, state)
        return subject

    # Questions

    async def draft(
        self, session: AsyncSession, by: Somebody | None = None, owner: Somebody | None = None, **changes: Any
    ) -> Question:
        by = by or self.cast.amira
        question = await begin_draft(session, by.language, form(by, self.cast.hanna, owner, **changes))
        question.submitter_id = by.id
        await session.flush()
        return question

    async def asked(
        self, session: AsyncSession, by: Somebody | None = None, owner: Somebody | None = None, **changes: Any
    ) -> Question:
        """Submitted; it then rests in `screening`, or in `submitted` when somebody else is to be the owner."""
        question = await self.draft(session, by, owner, **changes)
        await fill(session, question, question.form)
        return await self._on(session, question, "submit", by or self.cast.amira)

    async def submitted(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        """By Jonas, in the name of Amira, who has not confirmed yet."""
        return await self.asked(session, by or self.cast.jonas, self.cast.amira, **changes)

    async def screening(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self.asked(session, by, **changes)

    async def unclear(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.asked(session, by, **changes), "ask_back", self.cast.bram)

    async def parked(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.unclear(session, by, **changes), "park", CLOCK)

    async def triage(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.asked(session, by, **changes), "put_forward", self.cast.bram)

    async def matching(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.asked(session, by, **changes), "accept", self.cast.bram)

    accepted = matching

    async def underway(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        question = await self.matching(session, by, **changes)
        await self.scheduled(session, question)
        return question

    async def on_hold(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.asked(session, by, **changes), "hold", self.cast.bram)

    async def answered(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        question = await self.matching(session, by, **changes)
        await self.completed(session, question)
        return question

    async def rejected(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.asked(session, by, **changes), "reject", self.cast.bram)

    async def redirected(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.asked(session, by, **changes), "redirect", self.cast.bram)

    async def merged(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        """Into a question of Marloes."""
        other = await self.matching(session, self.cast.marloes)
        question = await self.asked(session, by, **changes)
        return await self._on(session, question, "merge", self.cast.bram, other_question=other.ref)

    async def withdrawn(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        question = await self.asked(session, by, **changes)
        return await self._on(session, question, "withdraw", by or self.cast.amira)

    async def unmatched(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.matching(session, by, **changes), "unmatch", self.cast.bram)

    async def closed(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.answered(session, by, **changes), "close", self.cast.bram)

    async def discarded(self, session: AsyncSession, by: Somebody | None = None, **changes: Any) -> Question:
        return await self._on(session, await self.draft(session, by, **changes), "discard", by or self.cast.amira)

    # Trajectories: of the question given, or of a new one of Amira's

    async def offered(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        question = question or await self.matching(session)
        needs = needs_for("offer", self.cast, at)
        return await self._on(session, await new_trajectory(session, question, needs), "offer", self.cast.bram)

    async def placing(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        one = await self.offered(session, question, at)
        return await self._on(session, one, "take_on", self.cast.broker(at))

    async def agreeing(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        one = await self.placing(session, question, at)
        return await self._on(session, one, "place", self.cast.broker(at))

    async def scheduled(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        """The lecturer fills in the agreement, the owner agrees to it."""
        one = await self.agreeing(session, question, at)
        await self.take(session, one, "agree", self.cast.lecturer(at))
        return await self._on(session, one, "agree", await self.owner(session, one))

    async def running(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        one = await self.scheduled(session, question, at)
        return await self._on(session, one, "start", self.cast.lecturer(at))

    async def delivered(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        one = await self.running(session, question, at)
        return await self._on(session, one, "deliver", self.cast.lecturer(at))

    async def completed(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        one = await self.delivered(session, question, at)
        return await self._on(session, one, "accept_result", await self.owner(session, one))

    async def declined(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        return await self._on(session, await self.offered(session, question, at), "decline", self.cast.broker(at))

    async def retracted(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        return await self._on(session, await self.offered(session, question, at), "retract", self.cast.bram)

    async def lapsed(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        return await self._on(session, await self.offered(session, question, at), "lapse", CLOCK)

    async def cancelled(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        return await self._on(session, await self.scheduled(session, question, at), "cancel", self.cast.broker(at))

    async def not_usable(self, session: AsyncSession, question: Question | None = None, at: str = "ut") -> Trajectory:
        one = await self.delivered(session, question, at)
        return await self._on(session, one, "refuse_result", await self.owner(session, one))

    async def owner(self, session: AsyncSession, one: Subject) -> Somebody:
        """Whoever owns the question now."""
        question = one if isinstance(one, Question) else await session.get_one(Question, one.question_id)
        return next(person for person in self.cast.all.values() if person.id == question.owner_id)

"""The real thing beside the model: one question in a database, and what must hold of its ledger at the end."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import fill, new_trajectory
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.due import run_due
from schemas.ledger import Entry, Letter
from schemas.moment import now
from schemas.parties import Cooperation, Offering
from schemas.replay import entries_of, replayed
from schemas.roles import people_of
from schemas.steps import open_steps, take_step
from schemas.subjects import Question, Subject, Trajectory
from schemas.versions import keep, rules_of
from tests.cast import Cast, day, needs_for
from tests.schemas.model import Life
from tests.sitting import ballots, sitting
from tests.story import Story

CLOCK_STEPS = {"discard", "park", "withdraw", "close_vote", "hand_back", "wake", "close", "resume", "lapse", "start",
               "presume_accepted", "publish"}  # fmt: skip
ASKED_OF = {  # in every open state somebody is expected to do something, and can
    "submitted": "confirm_ownership", "screening": "put_forward", "unclear": "clarify", "parked": "clarify",
    "triage": "vote", "matching": "unmatch", "on_hold": "postpone", "answered": "report_impact", "offered": "take_on",
    "placing": "place", "agreeing": "agree", "scheduled": "start", "running": "deliver", "delivered": "accept_result",
}  # fmt: skip


class World:
    """One question of Jonas's, in the name of Amira, and a question of Marloes's to merge it with."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def begin(self) -> None:
        self.cast = await Cast.of(self.engine)
        self.tell = Story(self.cast)
        async with writing(self.engine) as session:
            await self._rules(session, {"default_at_deadline": "accept"})
            self.meeting = str((await sitting(session, self.cast)).id)
            self.other = (await self.tell.matching(session, self.cast.marloes)).ref
            self.id = (await self.tell.draft(session, self.cast.jonas, self.cast.amira)).id

    async def _rules(self, session: AsyncSession, committee: dict[str, Any]) -> None:
        cooperation = (await session.exec(select(Cooperation))).one()
        data = cooperation.data
        cooperation.data = data | {"committee": data["committee"] | committee}
        cooperation.process_id = await keep(session, rules_of(cooperation.data))

    async def new_rules(self, number: int) -> None:
        """The city changes what its steering group goes by; old questions go on under the old rules."""
        async with writing(self.engine) as session:
            await self._rules(session, {"quorum": 0.5 + number % 7 / 1000 + 0.0001})

    async def _subject(self, session: AsyncSession, n: int | None) -> Subject:
        if n is None:
            return await session.get_one(Question, self.id)
        query = select(Trajectory).where(Trajectory.question_id == self.id).order_by(col(Trajectory.id))
        return (await session.exec(query)).all()[n]

    async def take(self, n: int | None, step: str, who: str, life: Life, *, embargo: bool = False) -> None:
        actor, cast = self.cast.all[who], self.cast
        needs = needs_for(step, cast) | await self._needs(step, n, life)
        needs |= {"clearance": "embargo", "embargo_until": day(40)} if embargo else {}
        async with writing(self.engine) as session:
            subject = await self._subject(session, n)
            if step == "submit" and isinstance(subject, Question) and subject.state == "draft" and who == "jonas":
                await fill(session, subject, subject.form)
            if step == "offer" and isinstance(subject, Question):
                subject = await new_trajectory(session, subject, needs)
            await take_step(session, subject, step, actor, needs)

    async def _needs(self, step: str, n: int | None, life: Life) -> dict[str, Any]:
        if step == "merge":
            return {"other_question": self.other}
        if step == "ask_around":
            chosen = {"order": "at_once"} if life.asks_at_once else {"order": "in_order", "by_itself": "yes"}
            return {"candidates": await self._free_at_ut(), "answer_days": 8} | chosen
        if step == "decide_in_meeting":
            return {"meeting": self.meeting, "ballots": ballots("accept", *self.cast.committee)}
        if step == "change_student_contact":
            return {"student_email": f"student.{now().timestamp()}@example.org"}
        role = step.removeprefix("change_")
        if step in ("change_owner", "change_deputy", "change_lecturer"):
            after = Life(**vars(life) | {"attempts": [type(one)(**vars(one)) for one in life.attempts]})
            after.take(n, step, "")
            name = after.attempts[n].lecturer if n is not None else getattr(after, role)
            return {f"{role}_name": self.cast.all[name].name, f"{role}_email": self.cast.all[name].email}
        return {}

    async def _free_at_ut(self) -> list[str]:
        """Two offerings that nobody has asked yet; not the one that `offer` takes."""
        asked = select(Trajectory.offering_id).where(Trajectory.question_id == self.id)
        async with reading(self.engine) as session:
            taken = {*await session.exec(asked), needs_for("offer", self.cast)["offering"]}
            every = select(Offering.id).where(Offering.institution_id == "ut", col(Offering.offered).is_(True))
            return sorted(set(await session.exec(every)) - taken)[:2]

    async def answer_parts(self) -> None:
        """One part is withdrawn, the other gets a result that is accepted."""
        query = select(Question).where(Question.part_of_id == self.id, col(Question.state).in_(("triage", "matching")))
        async with writing(self.engine) as session:
            first, *rest = (await session.exec(query.order_by(col(Question.id)))).all()
            for part in (first, *rest):
                if part.state == "triage":
                    await self.tell.take(session, part, "accept", self.cast.bram)
            for part in rest:
                owner = await self.tell.owner(session, part)
                await self.tell.take(session, part, "withdraw", owner)
            await self.tell.completed(session, first)

    async def states(self) -> tuple[str, list[str]]:
        async with reading(self.engine) as session:
            query = select(Trajectory.state).where(Trajectory.question_id == self.id).order_by(col(Trajectory.id))
            return (await self._subject(session, None)).state, list(await session.exec(query))

    async def due(self, n: int | None) -> datetime | None:
        async with reading(self.engine) as session:
            return (await self._subject(session, n)).due_at

    async def runs(self) -> bool:
        """Whether any clock runs."""
        async with reading(self.engine) as session:
            attempts = select(func.count()).select_from(Trajectory).where(col(Trajectory.due_at).is_not(None))
            return bool((await self._subject(session, None)).due_at or (await session.exec(attempts)).one())

    async def run_due(self, n: int | None) -> str | None:
        async with writing(self.engine) as session:
            subject = await self._subject(session, n)
            return await run_due(session, type(subject), subject.id, now())

    async def check(self) -> Counter[str]:
        """The ledger is whole, clocks equal their replay, somebody can act everywhere; how often each step was."""
        found: Counter[str] = Counter()
        async with reading(self.engine) as session:
            for n in (None, *range(len((await self.states())[1]))):
                subject = await self._subject(session, n)
                entries = await entries_of(session, subject)
                found.update(f"{type(subject).__name__.lower()}.{one.step}" for one in entries)
                _is_a_chain(subject, entries)
                due_at, _, clock = replayed(await open_case(session, subject), entries)
                assert (due_at, clock) == (subject.due_at, subject.clock), (subject.ref, subject.state)
                await self._somebody_acts(session, subject)
            await _letters_are_unique(session)
        return found

    async def _somebody_acts(self, session: AsyncSession, subject: Subject) -> None:
        case = await open_case(session, subject)
        if (step := ASKED_OF.get(subject.state)) is None:
            return
        rule = case.machine.steps[step]
        holders = [one for role in rule.by for one in
                   await people_of(session, role, case.question, case.concerned, case.today)]  # fmt: skip
        assert holders, (subject.ref, subject.state)
        assert subject.state == "submitted" or step in open_steps(case, set(rule.by)), (subject.ref, subject.state)


def _is_a_chain(subject: Subject, entries: Any) -> None:
    """Each entry begins where the one before it ended, and none is missing."""
    assert [one.version for one in entries] == list(range(1, subject.version + 1)), subject.ref
    assert all(one.to_state == two.from_state for one, two in pairwise(entries)), subject.ref
    assert not entries or entries[-1].to_state == subject.state


async def _letters_are_unique(session: AsyncSession) -> None:
    letters = (await session.exec(select(Letter.entry_id, Letter.name, Letter.recipient_id, Letter.message_id))).all()
    assert len({one[:3] for one in letters}) == len({one[3] for one in letters}) == len(letters)
    orphans = select(func.count()).select_from(Letter).where(col(Letter.entry_id).not_in(select(Entry.id)))
    assert (await session.exec(orphans)).one() == 0

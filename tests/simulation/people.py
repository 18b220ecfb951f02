"""Fifty questions and the people around them: they act, dawdle, go on holiday, decline, never answer."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.birth import begin_draft, fill, new_trajectory
from schemas.database import reading, writing
from schemas.needs import FaultyNeeds
from schemas.roles import people_of
from schemas.rules import Role
from schemas.steps import Actor, MovedOn, NotYours, take_step
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import PLACES, day, form, needs_for
from tests.simulation.processes import Died
from tests.simulation.town import Town
from tests.simulation.wishes import QUESTION, TRAJECTORY, Wish, chosen, patience

REFUSALS = (MovedOn, NotYours, FaultyNeeds)
NEVER = 0.02  # of all turns: nobody does anything for two months
RIVALS = 0.08  # of all turns: two people act at the same moment


class Life:
    """One question."""

    def __init__(self, town: Town, number: int, question_id: int | None = None) -> None:
        self.town, self.dice, self.id = town, Random(f"{town.plan.seed} life {number}"), question_id
        self.number = number

    async def live(self) -> None:
        """Asked somewhere in the first four months; then whoever has a wish acts, until the time is over."""
        days = self.town.plan.months * 30
        if self.id is None:
            await asyncio.sleep(self.dice.uniform(0, days * 0.7) * 86400)
            while self.id is None:
                self.id = await self._attempt(self._draft())
                await asyncio.sleep(60)
        while not self.town.over:
            wait = patience(self.dice).total_seconds() + (60 * 86400 if self.dice.random() < NEVER else 0)
            await asyncio.sleep(wait)
            await self._turn()

    async def _turn(self) -> None:
        found = await self._wishes()
        if not found or self.town.over:
            return
        acts = [self.dice.choice(found)]
        if self.dice.random() < RIVALS:
            acts.append(self.dice.choice(found))
        await asyncio.gather(*(self._act(*one) for one in acts))

    async def _wishes(self) -> list[tuple[type[Subject], int, Wish]]:
        """For the question and each of its trajectories what somebody might do now."""
        async with reading(self.town.engine) as session:
            question = await session.get_one(Question, self.id)
            query = select(Trajectory).where(Trajectory.question_id == self.id).order_by(col(Trajectory.id))
            attempts = (await session.exec(query)).all()
        found: list[tuple[type[Subject], int, Wish]] = []
        if question.state in QUESTION:
            found.append((Question, question.id, chosen(self.dice, QUESTION[question.state])))
        alive = [one for one in attempts[-2:] if one.state in TRAJECTORY]
        found += [(Trajectory, one.id, chosen(self.dice, TRAJECTORY[one.state])) for one in alive]
        return [one for one in found if one[2].step != "wait"]

    async def _act(self, table: type[Subject], subject_id: int, wish: Wish) -> None:
        if wish.step == "submit":
            self.town.counts["questions sent"] += 1
        entry = await self._attempt(self._step(table, subject_id, wish))
        if entry is None:
            return
        self.town.acknowledged.append(entry)
        self.town.counts["steps acknowledged"] += 1
        self.town.counts["questions acknowledged"] += wish.step == "submit"
        if wish.step == "split":
            await self._parts()

    async def _attempt(self, what: Any) -> Any:
        """What a request came to; None when it was refused, or the process died under it."""
        try:
            return await self.town.web.run(what)
        except REFUSALS:
            self.town.counts["refused"] += 1
        except Died:
            self.town.counts["web processes that died"] += 1
        finally:
            self.town.tell()
        return None

    async def _draft(self) -> int:
        cast = self.town.cast
        by = self.dice.choice((cast.amira, cast.jonas, cast.marloes, cast.gijs))
        owner = cast.karin if self.dice.random() < 0.3 else None
        async with writing(self.town.engine) as session:
            city = "hengelo" if by is cast.gijs else "enschede"
            question = await begin_draft(session, by.language, form(by, cast.hanna, owner, city=city))
            question.submitter_id = by.id
        return question.id

    async def _step(self, table: type[Subject], subject_id: int, wish: Wish) -> tuple[int, int | None, int, str]:
        async with writing(self.town.engine) as session:
            subject: Any = await session.get_one(table, subject_id)
            actor = await self._actor(session, subject, wish)
            needs = self._needs(wish.step, subject)
            if wish.step == "submit" and subject.state == "draft":
                await fill(session, subject, subject.form)
            if wish.step == "offer":
                subject = await new_trajectory(session, subject, needs)
            entry = await take_step(session, subject, wish.step, actor, needs)
        return entry.question_id, entry.trajectory_id, entry.version, entry.step

    async def _actor(self, session: AsyncSession, subject: Subject, wish: Wish) -> Actor:
        if wish.role == "committee":
            return self.dice.choice(self.town.cast.committee)
        at = [subject] if isinstance(subject, Trajectory) else []
        question = await session.get_one(Question, subject.question_id) if isinstance(subject, Trajectory) else subject
        people = await people_of(session, Role(wish.role), question, at, self.town.clock.now.date())
        return Actor(self.dice.choice(list(people)).id) if people else self.town.cast.dirk

    def _needs(self, step: str, subject: Subject) -> Mapping[str, Any]:
        dice, institution = self.dice, self.dice.choice([*PLACES])
        if isinstance(subject, Trajectory):
            institution = subject.institution_id
        needs = needs_for(step, self.town.cast, institution)
        if step == "vote":
            vote = dice.choices(("accept", "reject", "hold"), (80, 12, 8))[0]
            needs |= {"vote": vote, "route": "any", "reason": "Daarom.", "alternative": "Elders.", "until": day(60)}
        if step == "place" and dice.random() < 0.5:
            needs |= {"overbook": "yes"}
        return needs

    async def _parts(self) -> None:
        async with reading(self.town.engine) as session:
            parts = list(await session.exec(select(Question.id).where(Question.part_of_id == self.id)))
        for part in parts:
            asyncio.create_task(Life(self.town, self.number * 1000 + part, part).live())  # noqa: RUF006

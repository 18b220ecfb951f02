"""A story in the making: each step in a transaction of its own, each letter named and read as it would be sent."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from flows.links import links_of
from notifications.letters import LANGUAGES, Rendered, render
from schemas.birth import new_trajectory
from schemas.database import reading, writing
from schemas.due import run_due
from schemas.ledger import Letter
from schemas.moment import now
from schemas.parties import Person
from schemas.steps import Actor
from schemas.subjects import Question, Subject, Trajectory
from tests.cast import Somebody, needs_for
from tests.ledger import steps_of
from tests.story import Story

Done = TypeVar("Done")


class Journey:
    """What people do one after the other; whatever they name last are the letters that it causes, in order."""

    def __init__(self, engine: AsyncEngine, tell: Story, clock: time_machine.Traveller) -> None:
        self.engine, self.tell, self.clock = engine, tell, clock
        self.read: list[tuple[Letter, Rendered]] = []

    async def asks(self, by: Somebody, *letters: str, owner: Somebody | None = None, **changes: Any) -> Question:
        return await self._letters(letters, lambda session: self.tell.asked(session, by, owner, **changes))

    async def accepted(self) -> Question:
        """Amira asks, and Bram accepts within his mandate."""
        cast = self.tell.cast
        question = await self.asks(cast.amira, "receipt to amira", "new-question to bram")
        await self.then(cast.bram, "accept", question, "accepted to amira")
        return question

    async def running(self) -> tuple[Question, Trajectory]:
        """Chen's students at the UT work on Amira's question; what led to that is told elsewhere."""
        async with writing(self.engine) as session:
            attempt = await self.tell.running(session)
            question = await session.get_one(Question, attempt.question_id)
        await self._new()
        return question, attempt

    async def offers(self, question: Question, institution: str, *letters: str) -> Trajectory:
        async def offer(session: AsyncSession) -> Trajectory:
            needs = needs_for("offer", self.tell.cast, institution)
            one = await new_trajectory(session, await session.get_one(Question, question.id), needs)
            await self.tell.take(session, one, "offer", self.tell.cast.bram, **needs)
            return one

        return await self._letters(letters, offer)

    async def then(self, who: Actor, step: str, subject: Subject, *letters: str, **needs: Any) -> None:
        """Somebody takes a step."""

        async def take(session: AsyncSession) -> None:
            await self.tell.take(session, await session.get_one(type(subject), subject.id), step, who, **needs)

        await self._letters(letters, take)

    async def clock_runs(self, subject: Subject) -> bool:
        """Whether time would change anything."""
        async with reading(self.engine) as session:
            return (await session.get_one(type(subject), subject.id)).due_at is not None

    async def time_passes(self, subject: Subject, *letters: str) -> str | None:
        """Nobody does anything until the next term ends; what the clock does then."""
        async with reading(self.engine) as session:
            resting: Subject = await session.get_one(type(subject), subject.id)
            due_at = resting.due_at
        assert due_at is not None
        self.clock.move_to(due_at)
        return await self._letters(letters, lambda session: run_due(session, type(subject), subject.id, now()))

    async def state(self, subject: Subject) -> str:
        async with reading(self.engine) as session:
            found: Subject = await session.get_one(type(subject), subject.id)
            return found.state

    async def steps(self, question: Question) -> list[str]:
        async with reading(self.engine) as session:
            return await steps_of(session, question)

    async def _letters(self, expected: tuple[str, ...], what: Callable[[AsyncSession], Awaitable[Done]]) -> Done:
        async with writing(self.engine) as session:
            done = await what(session)
        assert await self._new() == list(expected)
        return done

    async def _new(self) -> list[str]:
        """The letters that nobody has read yet, each read now in both languages."""
        last = self.read[-1][0].id if self.read else 0
        query = select(Letter, Person).join(Person, col(Person.id) == Letter.recipient_id).where(Letter.id > last)
        async with reading(self.engine) as session:
            rows = (await session.exec(query.order_by(col(Letter.id)))).all()
        for letter, person in rows:
            links = links_of(letter)
            texts = {language: render(letter.name, language, letter.facts, links) for language in LANGUAGES}
            assert all(person.name in text.text for text in texts.values())
            assert letter.language == person.language
            assert len({text.text for text in texts.values()}) == len(LANGUAGES)
            self.read.append((letter, texts[letter.language]))
        return [f"{letter.name} to {person.email.split('.')[0].split('@')[0]}" for letter, person in rows]

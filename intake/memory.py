"""What a process remembers of earlier questions: texts and outcomes. Read once, then only what is new."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from fastapi import Request
from sqlalchemy import ColumnElement
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.disciplines import disciplines_of
from matching.experience import Outcome
from matching.offerings import QuestionText
from matching.rows import question_text
from matching.similar import Earlier, Likeness
from schemas.database import reading
from schemas.ledger import Entry
from schemas.subjects import Question, Trajectory
from schemas.written import among

SLICE = 250  # how many are read at a time, so that nobody waits for all of them
MOST = 20_000  # how many earlier questions are remembered
LESSONS = 1_000  # the newest entries that teach: what those before them taught is out of date
VERDICTS = {"place": "taken", "decline": "declined", "prefer": "preferred"}


@dataclass
class Memory:
    """Each process keeps its own. The newest come first; older ones follow slice by slice."""

    earlier: Earlier = field(default_factory=Earlier)
    outcomes: list[Outcome] = field(default_factory=list)
    newest: int = 0  # the entries of submissions from `oldest` to here have been read
    oldest: int = 0
    judged: int | None = None  # the last entry that taught an outcome
    _lock: Lock = field(default_factory=Lock)

    async def like(self, session: AsyncSession, question: QuestionText, most: int, but: str = "") -> list[Likeness]:
        """The earlier questions most like this one, best first."""
        await self.catch_up(session)
        return await asyncio.to_thread(self._like, question, most, but)

    def _like(self, question: QuestionText, most: int, but: str) -> list[Likeness]:
        with self._lock:
            return self.earlier.like(question, most, but)

    async def catch_up(self, session: AsyncSession) -> bool:
        """Read what is new, and one slice of what is older; whether there may be more."""
        fresh = await self._submitted(session, col(Entry.id) > self.newest)
        if self.newest and len(fresh) == SLICE:  # many at once, as after an import: what lies between comes later
            self.oldest = 0
        older: Sequence[tuple[Question, int]] = []
        if not self.newest:
            self.oldest = min((entry for _, entry in fresh), default=0)
        elif len(self.earlier) < MOST:
            older = await self._submitted(session, col(Entry.id) < (self.oldest or self.newest))
            self.oldest = min((entry for _, entry in older), default=self.oldest)
        self.newest = max((entry for _, entry in fresh), default=self.newest)
        await asyncio.to_thread(self._learn, [*fresh, *older])
        return bool(fresh or older)

    async def _submitted(self, session: AsyncSession, which: Any) -> Sequence[tuple[Question, int]]:
        query = select(Question, Entry.id).join(Entry, col(Entry.question_id) == Question.id)
        query = query.where(Entry.step == "submit", which).order_by(col(Entry.id).desc()).limit(SLICE)
        return (await session.exec(query)).all()

    def _learn(self, rows: Sequence[tuple[Question, int]]) -> None:
        with self._lock:
            for row, _ in rows:
                self.earlier.learn(row.ref or "", question_text(row))

    async def learn_more(self, session: AsyncSession) -> bool:
        """Read one slice of what became of earlier questions; whether there may be more."""
        before = self.judged
        await self.taught(session)
        return self.judged != before

    async def taught(self, session: AsyncSession) -> tuple[Outcome, ...]:
        """What became of earlier questions: who took them up, who declined, where a coordinator knew better."""
        if self.judged is None:
            past = (
                select(Entry.id)
                .where(_teaches(), col(Entry.id) > 0)
                .order_by(col(Entry.id).desc())
                .offset(LESSONS)
                .limit(1)
            )
            self.judged = (await session.exec(past)).first() or 0
        query = (
            select(Entry, Question, Trajectory)
            .join(Question, col(Question.id) == Entry.question_id)
            .outerjoin(Trajectory, col(Trajectory.id) == Entry.trajectory_id)
            .where(_teaches(), col(Entry.id) > self.judged)
        )
        rows = (await session.exec(query.order_by(col(Entry.id)).limit(SLICE))).all()
        rows = [row for row in rows if row[0].id > self.judged]  # another request may have read them meanwhile
        if rows:
            self.judged = max(entry.id for entry, _, _ in rows)
            found = await asyncio.to_thread(lambda: [one for row in rows for one in _outcomes(*row)])
            self.outcomes = [*self.outcomes, *found][-LESSONS:]
        return tuple(self.outcomes)


def _teaches() -> ColumnElement[bool]:
    return among(col(Entry.step), VERDICTS)  # the index holds these alone


def _outcomes(entry: Entry, question: Question, attempt: Trajectory | None) -> list[Outcome]:
    text = question_text(question)
    about, ref = disciplines_of(text.title, text.body), question.ref or ""
    reason = str(entry.needs.get("reason") or "")
    if attempt is None:
        passed = entry.needs.get("instead_of")
        chosen = [Outcome(ref, about, entry.needs["offering"], "", "preferred", reason)]
        return [*chosen, *([Outcome(ref, about, passed, "", "passed", reason)] if passed else [])]
    offering = str(entry.needs.get("offering") or attempt.offering_id or "")
    return [Outcome(ref, about, offering, attempt.institution_id, VERDICTS[entry.step], reason)]


def memory_of(request: Request) -> Memory:
    """The memory of this process."""
    memory: Memory = request.app.state.memory
    return memory


async def remember(engine: AsyncEngine, memory: Memory, leaving: asyncio.Event) -> None:
    """Read what there was before this process began, slice by slice, while it works already; until it leaves."""
    with suppress(SQLAlchemyError, OSError):  # then whoever looks for similar questions reads it
        for read in (memory.learn_more, memory.catch_up):
            more = True
            while more and not leaving.is_set():
                async with reading(engine) as session:
                    more = await read(session)
                await asyncio.sleep(0.05)

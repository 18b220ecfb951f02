"""What happened to a question or trajectory, and what was written to whom."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.showing import people_by_id
from intake.letter_history import history
from intake.sight import Reader, seen_attempts
from intake.story import SECRET, entries_of, letters_of
from intake.telling import STAFF
from schemas import ledger
from schemas.case import Case
from schemas.subjects import Trajectory


class Entry(BaseModel):
    """One step taken, as the ledger has it. `actor` is null for the clock and for what follows by itself."""

    id: int
    ref: str
    version: int
    step: str
    from_state: str
    to_state: str
    role: str
    actor: str | None
    needs: dict[str, Any]
    at: datetime


class Taken(Entry):
    """The entry of a step just taken; `state` is where all that followed from it has led."""

    state: str


class LetterEvent(BaseModel):
    """What happened to a letter: `what` is tried, lost, retried, resent, readdressed, withheld or arrived.

    Or what came in about it: bounced, reported (by a mail server, not for good), automatic or answered.

    `state` is that of the letter afterwards; `reply` what the mail server said, or the reason that somebody gave.
    """

    what: str
    state: str
    email: str
    message_id: str
    begun_at: datetime | None
    at: datetime
    reply: str
    by: str | None


class Letter(BaseModel):
    """A letter, owed or sent. `recipient` is the address it goes to.

    Owed with a `reply` was put off by the mail server, and is tried again at `due_at`. Uncertain with `may_retry` is
    sent once more by itself at `due_at`, under the same Message-ID.
    """

    id: int
    state: str
    letter: str
    recipient: str
    name: str
    role: str
    language: str
    message_id: str
    attempts: int
    owed_at: datetime
    sent_at: datetime | None
    reply: str | None
    subject: str | None
    due_at: datetime
    tried_at: datetime | None
    may_retry: bool
    retried_at: datetime | None
    digest_id: int | None = Field(description="The letter that told of this one together with others.")
    also: list[str] = Field(description="Letters that this one says too: one person gets one about an event.")
    entry: int | None
    trajectory: str | None
    history: list[LetterEvent]


PLAIN = set(Letter.model_fields) - {"letter", "name", "recipient", "entry", "trajectory", "history", "also"}


async def entries(case: Case, reader: Reader) -> list[Entry]:
    """The ledger of the case's subject, oldest first, as this reader may see it; votes only for the committee."""
    only = case.subject.id if isinstance(case.subject, Trajectory) else None
    attempts = seen_attempts(reader, case.question, case.trajectories)
    rows = await entries_of(case.session, case.question.id, attempts, only=only)
    staff = bool(reader.roles & STAFF)
    return await entry_shapes(case, [row for row in rows if staff or row.step not in SECRET])


async def entry_shapes(case: Case, rows: Sequence[ledger.Entry]) -> list[Entry]:
    """Rows of the ledger as answers."""
    people = await people_by_id(case.session, (row.actor_id for row in rows))
    refs = _refs(case)
    return [
        Entry(
            **row.model_dump(exclude={"question_id", "trajectory_id", "actor_id"}), ref=refs[row.trajectory_id],
            actor=people[row.actor_id].name if row.actor_id in people else None,
        )
        for row in rows
    ]  # fmt: skip


def _refs(case: Case) -> Mapping[int | None, str]:
    return {None: case.question.ref or ""} | {one.id: one.ref for one in case.trajectories}


async def letters(session: AsyncSession, case: Case, reader: Reader) -> list[Letter]:
    """The letters of a question, oldest first: all for those who see to the mail, else those to this reader."""
    staff, refs = bool(reader.roles & STAFF), _refs(case)
    rows = await letters_of(session, question_id=case.question.id)
    seen = [row for row in rows if staff or row.letter.recipient_id == reader.person.id]
    return await letter_shapes(session, [(row.letter, row.recipient) for row in seen], refs)


async def letter_shapes(
    session: AsyncSession, rows: Sequence[tuple[ledger.Letter, str]], refs: Mapping[int | None, str]
) -> list[Letter]:
    """Letters with the names of their recipients, as answers. `refs`: of their trajectories, by id."""
    lines = await history(session, [letter.id for letter, _ in rows])
    return [
        Letter(
            **letter.model_dump(include=PLAIN), letter=letter.name, name=name, recipient=letter.email,
            entry=letter.entry_id, trajectory=refs[letter.trajectory_id] if letter.trajectory_id else None,
            also=[one["letter"] for one in letter.facts.get("also") or ()],
            history=[LetterEvent(**one.model_dump(), by=who or None) for one, who in lines.get(letter.id, [])],
        )
        for letter, name in rows
    ]  # fmt: skip

"""Keeping a message that came in: once, with all that follows from it, in one transaction.

The Message-ID of a letter of ours is known to its reader and to the servers it passed: who names it has the letter.
What names only a question, in subject or thread, names what anybody may know; then it is the question's only when the
address is one we have written to about it, and who wrote is not believed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import lock
from schemas.database import insert_once
from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent
from schemas.received import Fate, Kind, Received
from schemas.replies import tell
from schemas.subjects import Question

WHAT = {Kind.BOUNCE: "bounced", Kind.REPORT: "reported", Kind.AUTOMATIC: "automatic", Kind.REPLY: "answered"}
MOST_LINES = 10  # of machines in the history of one letter
LONGEST_WORDS = 500


class NotYet(RuntimeError):  # noqa: N818 - named for what it says
    """The letter that this is about is still being sent: the message waits in the box."""


@dataclass(frozen=True)
class Clues:
    """What a message says about where it belongs, and which addresses a report says failed."""

    about: Sequence[str] = ()
    refs: Sequence[str] = ()
    failed: Collection[str] = ()


@dataclass(frozen=True)
class Found:
    """A letter by one of its Message-IDs: the address it went to under that one, and whether that is still its own."""

    letter: Letter
    message_id: str
    email: str

    @property
    def current(self) -> bool:
        return self.letter.message_id == self.message_id


async def keep(session: AsyncSession, row: Received, clues: Clues) -> Received | None:
    """Keep it, with what follows; None when it was there already. Raises NotYet."""
    found = await letter_about(session, clues.about)
    if row.kind in (Kind.REPLY, Kind.AUTOMATIC) and await letter_about(session, [row.message_id]):
        row.kind = Kind.LOOP
    await _place(session, row, found, clues.refs)
    if row.kind == Kind.REPLY and row.question_id:
        await lock(session, row.question_id)  # two at once count each other
    if not await insert_once(session, Received, **row.model_dump(exclude={"id"})):
        return None
    kept = (await session.exec(select(Received).where(Received.digest == row.digest))).one()
    if found and kept.kind in WHAT:
        await _note(session, kept, found, clues.failed)
    if kept.kind == Kind.REPLY and kept.question_id:
        await tell(session, kept, found.letter if found else None)
    return kept


async def letter_about(session: AsyncSession, message_ids: Sequence[str]) -> Found | None:
    """The letter that the first of these Message-IDs belongs to, or once belonged to."""
    if not message_ids:
        return None
    known: dict[str, Found] = {}
    earlier = select(LetterEvent).where(col(LetterEvent.message_id).in_(message_ids)).order_by(col(LetterEvent.id))
    for line in await session.exec(earlier):
        letter = await session.get_one(Letter, line.letter_id, populate_existing=True)
        known[line.message_id] = Found(letter, line.message_id, line.email)
    for letter in await session.exec(select(Letter).where(col(Letter.message_id).in_(message_ids))):
        known[letter.message_id] = Found(letter, letter.message_id, letter.email)
    return next((known[one] for one in message_ids if one in known), None)


async def _place(session: AsyncSession, row: Received, found: Found | None, refs: Sequence[str]) -> None:
    row.state = Fate.NEW if row.kind in (Kind.REPLY, Kind.UNREADABLE) else Fate.KEPT
    if row.kind in (Kind.LOOP, Kind.UNREADABLE):
        return
    if found:
        row.letter_id = found.letter.id
        question = await session.get(Question, found.letter.question_id) if found.letter.question_id else None
        row.question_id = question.id if question and question.ref else None  # a draft is its writer's alone
        if row.kind == Kind.REPLY and row.from_email == found.email.lower():
            row.person_id = found.letter.recipient_id
    elif row.kind == Kind.BOUNCE:
        row.state = Fate.NEW  # some letter did not arrive: somebody has to find out which
    if row.question_id is None and row.kind == Kind.REPLY:
        await _by_reference(session, row, refs)


async def _by_reference(session: AsyncSession, row: Received, refs: Sequence[str]) -> None:
    named = (await session.exec(select(Question.id).where(col(Question.ref).in_(refs)))).all() if refs else []
    for one in named[:1]:
        written_to = select(Letter.id).where(Letter.question_id == one, func.lower(Letter.email) == row.from_email)
        known = bool(row.from_email and (await session.exec(written_to.limit(1))).first())
        row.question_id, row.maybe_id = (one, None) if known else (None, one)


async def _note(session: AsyncSession, row: Received, found: Found, failed: Collection[str]) -> None:
    """A line in the letter's history; a bounce changes its state too."""
    letter, state = found.letter, found.letter.state
    if row.kind == Kind.BOUNCE and await _bounced(session, row, found, failed):
        state = LetterState.BOUNCED
    said = {Kind.REPLY: "", Kind.AUTOMATIC: f"{row.subject}: {' '.join(row.text.split())}"}.get(
        Kind(row.kind), row.text
    )
    lines = select(func.count()).where(LetterEvent.letter_id == letter.id, LetterEvent.what == WHAT[Kind(row.kind)])
    if row.kind == Kind.BOUNCE or (await session.exec(lines)).one() < MOST_LINES:
        session.add(
            LetterEvent(letter_id=letter.id, what=WHAT[Kind(row.kind)], state=state, email=found.email,
                        message_id=found.message_id, reply=said[:LONGEST_WORDS])
        )  # fmt: skip


async def _bounced(session: AsyncSession, row: Received, found: Found, failed: Collection[str]) -> bool:
    """Whether the letter as it stands now came back, and not one that went to an earlier address."""
    letter = found.letter
    if not found.current or letter.used_at is not None or await _went_elsewhere(session, letter, failed):
        return False
    if letter.state == LetterState.SENDING:
        raise NotYet
    done = await session.exec(
        update(Letter)
        .where(col(Letter.id) == letter.id, col(Letter.message_id) == found.message_id)
        .where(col(Letter.state).in_((LetterState.SENT, LetterState.UNCERTAIN)))
        .values(state=LetterState.BOUNCED, reply=row.text[:LONGEST_WORDS], may_retry=False)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)


async def _went_elsewhere(session: AsyncSession, letter: Letter, failed: Collection[str]) -> bool:
    """Whether the report is about an address that this letter went to before: some keep their Message-ID."""
    if not failed or letter.email.lower() in failed:
        return False
    query = select(LetterEvent.email).where(LetterEvent.letter_id == letter.id)
    return any(one.lower() in failed for one in await session.exec(query))

"""The ledger and what is owed because of it: history, audit trail, work queue and outbox in one."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel, col, insert
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.logs import current_trace
from schemas.moment import now
from schemas.sparse import sparse


class Entry(SQLModel, table=True):
    """One step taken. Never changed, but for the stamp that its consequences have been seen to."""

    __table_args__ = (
        Index("ix_entry_question", "question_id", "id"),
        sparse("ix_entry_unfollowed", "lease_until", only="followed_at IS NULL"),
        sparse("ix_entry_verdict", "id", only="step IN ('place', 'decline', 'prefer')"),
        UniqueConstraint("question_id", "trajectory_id", "version"),
    )

    id: int = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    trajectory_id: int | None = Field(default=None, foreign_key="trajectory.id")
    version: int
    step: str
    from_state: str
    to_state: str
    role: str
    process_id: str | None = Field(default=None, foreign_key="processversion.id")  # the version it was taken under
    actor_id: int | None = Field(default=None, foreign_key="person.id")
    for_id: int | None = Field(default=None, foreign_key="person.id")  # in whose place the actor acted
    needs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(default_factory=now)
    trace: str | None = Field(default_factory=current_trace)  # of the request in which it was taken
    followed_at: datetime | None = None
    lease_until: datetime | None = None
    lease: str | None = None  # fencing token of the run that took it


NEW = insert(Entry).returning(col(Entry.id))


async def put_down(session: AsyncSession, entry: Entry) -> Entry:
    """Write an entry, which then has its number; the session itself does not know it."""
    connection = await session.connection()
    entry.id = (await connection.execute(NEW, entry.model_dump(exclude={"id"}))).scalar_one()
    return entry


class LetterState(StrEnum):
    """Where a letter is. UNCERTAIN: the connection broke after the text was handed over.

    KEPT: it waits for the digest of its `due_at`. GATHERED: the letter `digest_id` says it.
    """

    OWED = "owed"
    KEPT = "kept"
    GATHERED = "gathered"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    WITHHELD = "withheld"


# Somebody should look at these: they did not arrive, or not for certain.
TROUBLED = (LetterState.REFUSED, LetterState.UNCERTAIN, LetterState.BOUNCED)


class Letter(SQLModel, table=True):
    """One letter to one person because of one entry; `facts` are frozen when it is owed, texts when it is sent.

    Letters without an entry (signing in, a new link) stand on their own.
    """

    __table_args__ = (
        UniqueConstraint("entry_id", "name", "recipient_id"),
        Index("ix_letter_due", "state", "due_at"),
        Index("ix_letter_question", "question_id", "id"),
        Index("ix_letter_trouble", "state", "question_id"),
        Index("ix_letter_owed", "owed_at"),
        sparse("ix_letter_tried", "tried_at"),
        sparse("ix_letter_meeting", "meeting_id", "id"),
        sparse("ix_letter_digest", "digest_id"),
    )

    id: int = Field(default=None, primary_key=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id")
    question_id: int | None = Field(default=None, foreign_key="question.id")
    trajectory_id: int | None = Field(default=None, foreign_key="trajectory.id")
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id")
    digest_id: int | None = Field(default=None, foreign_key="letter.id")  # the letter that carried this one
    name: str
    role: str = ""  # in what capacity the recipient gets it
    recipient_id: int = Field(foreign_key="person.id")
    email: str
    language: str
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    message_id: str = Field(unique=True)
    state: str = LetterState.OWED
    attempts: int = 0
    owed_at: datetime = Field(default_factory=now)
    due_at: datetime = Field(default_factory=now)  # not before
    tried_at: datetime | None = None  # when the last try began
    may_retry: bool = False  # uncertain, and to be tried once more at `due_at`
    retried_at: datetime | None = None  # when that one automatic retry began
    sent_at: datetime | None = None
    lease_until: datetime | None = None
    lease: str | None = None
    handed_at: datetime | None = None  # when the attempt in hand went to the mail server: from then on it may arrive
    reply: str | None = None  # last SMTP reply
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    expires_at: datetime | None = None  # of the link in it
    used_at: datetime | None = None  # when the link's one action was taken

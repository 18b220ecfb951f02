"""Messages that came in: what each was, which letter and question it belongs to, and what a person did with it."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, and_
from sqlmodel import Field, SQLModel, col

from schemas.moment import now
from schemas.notes import WORKERS, audience
from schemas.rules import Role


class Kind(StrEnum):
    """What a message is. REPORT: about delivery, and not that it failed for good. LOOP: ours, come back."""

    REPLY = "reply"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    REPORT = "report"
    LOOP = "loop"
    UNREADABLE = "unreadable"


class Fate(StrEnum):
    """What became of it. NEW: a person has to look; KEPT: nobody needs to."""

    NEW = "new"
    READ = "read"
    ASIDE = "aside"
    KEPT = "kept"


class Received(SQLModel, table=True):
    """One message that came in. `digest` makes it one, however often the box hands it out."""

    __table_args__ = (
        Index("ix_received_question", "question_id", "id"),
        Index("ix_received_waiting", "state", "question_id"),
        Index("ix_received_letter", "letter_id"),
    )

    id: int = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)  # sha256 of its Message-ID and its body
    message_id: str = ""
    kind: str
    state: str
    question_id: int | None = Field(default=None, foreign_key="question.id")
    letter_id: int | None = Field(default=None, foreign_key="letter.id")  # the one it is about
    person_id: int | None = Field(default=None, foreign_key="person.id")  # who wrote, only where that can be believed
    maybe_id: int | None = Field(
        default=None, foreign_key="question.id"
    )  # a question that it names; anybody can do that
    from_name: str = ""
    from_email: str = ""
    subject: str = ""
    text: str = ""
    quoted: str = ""  # what stood below or between: earlier mail
    files: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)  # name and size of each; not kept
    size: int = 0
    cut: bool = False  # only its beginning was read
    told: bool = False  # a letter about it was owed
    at: datetime = Field(default_factory=now)
    settled_by_id: int | None = Field(default=None, foreign_key="person.id")
    settled_at: datetime | None = None
    removed_by_id: int | None = Field(default=None, foreign_key="person.id")
    removed_at: datetime | None = None


READERS = frozenset(audience(WORKERS, trajectory=False))


def may_read(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles reads what came in on a question: as notes for those who work on it.

    Also of an answer to a letter about a trajectory: who answers writes to the city, not to an institution.
    """
    return bool(READERS.intersection(roles))


def loose() -> ColumnElement[bool]:
    """What came in, belongs to no question, and waits for somebody to say where it belongs."""
    return and_(col(Received.state) == Fate.NEW, col(Received.question_id).is_(None))


def unread() -> ColumnElement[bool]:
    """Answers that nobody has marked as read."""
    return and_(col(Received.state) == Fate.NEW, col(Received.question_id).is_not(None))

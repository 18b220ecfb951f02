"""What happened to letters, line by line: every try with the server's words, what somebody did, what came in."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from schemas.ledger import Letter
from schemas.moment import now

OF_POST = ("bounced", "reported", "automatic", "answered")  # a message that came in


class LetterEvent(SQLModel, table=True):
    """One thing that happened to a letter: a try with the server's own words, or what somebody did. Never changed."""

    __table_args__ = (Index("ix_letterevent_letter", "letter_id", "id"), Index("ix_letterevent_message", "message_id"))

    id: int = Field(default=None, primary_key=True)
    letter_id: int = Field(foreign_key="letter.id")
    # tried, lost, retried, resent, readdressed, withheld, arrived, switched_off, needless, gathered, released; and what
    # came in: see OF_POST
    what: str
    state: str  # of the letter, after it
    email: str
    message_id: str
    begun_at: datetime | None = None  # of a try
    at: datetime = Field(default_factory=now)
    reply: str = ""  # the mail server's words, or the reason that a person gave
    actor_id: int | None = Field(default=None, foreign_key="person.id")


def happened(letter: Letter, what: str, *, state: str, reply: str = "", actor_id: int | None = None) -> LetterEvent:
    """A line of a letter's history."""
    begun = letter.tried_at if what == "tried" else None
    return LetterEvent(letter_id=letter.id, what=what, state=state, email=letter.email, message_id=letter.message_id,
                       begun_at=begun, reply=reply, actor_id=actor_id)  # fmt: skip

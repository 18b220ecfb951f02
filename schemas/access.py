"""Who may come in: sign-in links, sessions, tokens, and the keys that make a repeated request harmless."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.moment import now


def digest(secret: str) -> str:
    """What we keep of a secret that somebody else holds."""
    return sha256(secret.encode()).hexdigest()


class SignInLink(SQLModel, table=True):
    """One mailed link: one use, expiring."""

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    next: str = "/"
    expires_at: datetime
    used_at: datetime | None = None


class Session(SQLModel, table=True):
    """A signed-in browser; the cookie holds the secret, we hold its sha256."""

    digest: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(default_factory=now)
    expires_at: datetime


class ApiToken(SQLModel, table=True):
    """A program acting as a person; we hold the sha256 of its token."""

    digest: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE", index=True)
    created_at: datetime = Field(default_factory=now)


class IdempotencyKey(SQLModel, table=True):
    """What was answered to a POST with this key, written in the transaction that did the work."""

    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    key: str
    request: str  # sha256 of method, path and body
    status: int = 0
    answer: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    location: str | None = None
    at: datetime = Field(default_factory=now)


class Counter(SQLModel, table=True):
    """The last number given out under one prefix in one year."""

    name: str = Field(primary_key=True)  # ES-2026
    last: int = 0


class Sign(SQLModel, table=True):
    """A sign of life of a part of the system: what it is doing and since when (read by /health/ready)."""

    name: str = Field(primary_key=True)  # flows, prefect, mail
    ok: bool = True
    note: str = ""
    at: datetime = Field(default_factory=now)
    since: datetime = Field(default_factory=now)

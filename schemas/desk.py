"""What a person keeps at their desk: views they have named, and steps they have taken on many questions at once."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.moment import now


class SavedView(SQLModel, table=True):
    """A way of looking at the list that somebody has given a name; `query` is how the address says it."""

    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    name: str
    query: str
    made_at: datetime = Field(default_factory=now)


class Bulk(SQLModel, table=True):
    """One step that a person wants taken on several subjects. `key`: sent again, it is the same."""

    __table_args__ = (UniqueConstraint("person_id", "key"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    key: str
    request: str  # sha256 of step, needs and subjects
    step: str
    needs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    back: str = "/desk"
    at: datetime = Field(default_factory=now)


class BulkRow(SQLModel, table=True):
    """What became of one subject; its outcome is written in the transaction of the step. `told`: the facts of it."""

    __table_args__ = (UniqueConstraint("bulk_id", "ref"),)

    id: int = Field(default=None, primary_key=True)
    bulk_id: int = Field(foreign_key="bulk.id", ondelete="CASCADE")
    ref: str
    outcome: str = "waiting"  # waiting, done, moved_on, not_yours, same_eyes, faulty, unknown
    told: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)

"""Who and what a cooperation consists of: organisations, people, offerings, calendars. Filled from `cities/`."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from schemas.kept import Kept
from schemas.moment import now


class Cooperation(Kept, table=True):
    """The cooperation agreement that this installation serves; one row. `data` is the city file's own form."""

    id: str = Field(primary_key=True)
    name_nl: str
    name_en: str
    timezone: str = "Europe/Amsterdam"
    process_id: str | None = Field(default=None, foreign_key="processversion.id")  # what new questions run under
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Organisation(Kept, table=True):
    """A municipality, knowledge institution or redirect partner. `prefix` begins a municipality's references."""

    remembered: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    cooperation_id: str = Field(foreign_key="cooperation.id")
    kind: str  # municipality, wo, hbo, mbo, art, partner
    name_nl: str
    name_en: str
    prefix: str | None = None
    email: str | None = None
    website: str | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class Person(SQLModel, table=True):
    """Anybody who acts or gets mail; may have no membership at all (an owner somebody else named)."""

    kept: ClassVar[bool] = True  # no more of it than who has left
    remembered: ClassVar[bool] = True

    id: int = Field(default=None, primary_key=True)
    name: str
    email: str = Field(unique=True)  # lower case
    language: str = "nl"
    phone: str | None = None
    demo: bool = False
    shortcuts: bool = True  # single keys do something on the pages
    mail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # how they want their letters: schemas.wishes
    left_on: date | None = None  # from this day on nothing of theirs opens a door
    created_at: datetime = Field(default_factory=now)

    def has_left(self, today: date) -> bool:
        return self.left_on is not None and self.left_on <= today


class Membership(Kept, table=True):
    """One person's role in one organisation."""

    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "role"),
        Index("ix_membership_role", "role"),
    )

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    organisation_id: str = Field(foreign_key="organisation.id")
    role: str
    ended_on: date | None = None


class Offering(Kept, table=True):
    """A course, minor, internship, thesis, challenge or research group that can take a question on."""

    remembered: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    institution_id: str = Field(foreign_key="organisation.id", index=True)
    kind: str
    level: str
    name_nl: str
    name_en: str
    offered: bool = True
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)  # keywords, disciplines, languages, periods, …


class Period(Kept, table=True):
    """One term of one institution. `id` is `<institution>:<year>:<code>`, such as `ut:2026/27:2A`."""

    remembered: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    institution_id: str = Field(foreign_key="organisation.id", index=True)
    year: str
    code: str
    starts_on: date
    ends_on: date
    tests_from: date | None = None
    assumed: bool = True


class Closure(Kept, table=True):
    """Days on which no clock runs, both ends included: of everybody, or of one institution.

    `kind`: `holidays` (school holidays), `closed` or `exams`; which kinds stop whose clock is a rule of the city.
    """

    id: int = Field(default=None, primary_key=True)
    cooperation_id: str = Field(foreign_key="cooperation.id", index=True)
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    kind: str = "holidays"
    name: str
    name_en: str = ""
    starts_on: date
    ends_on: date
    assumed: bool = True

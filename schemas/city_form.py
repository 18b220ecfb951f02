"""What the files of a city must look like: one model per file, one per kind of row."""

from datetime import date
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, EmailStr, Field, HttpUrl, StringConstraints
from pydantic.functional_validators import field_validator, model_validator

from schemas.city_post import Post
from schemas.directions import Direction
from schemas.rules import Role

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+$", max_length=12)]
Weeks = Annotated[int, Field(ge=0, le=104)]
Count = Annotated[int, Field(ge=0, le=1000)]  # students in a group, questions in an edition
Kind = Literal["programme", "course", "minor", "lab", "challenge", "thesis", "internship", "research"]
Level = Literal["mbo", "hbo", "wo", "mixed"]
Stopping = list[Literal["holidays", "closed", "exams"]]
ANY = "any"  # an offering that begins whenever a period of its institution begins


class Row(BaseModel):
    """A row of a city file: nothing in it may go unnoticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(Row):
    nl: Text
    en: Text


class Labelled(Names):
    id: Id


class Span(Row):
    """Both ends included."""

    starts_on: date
    ends_on: date
    assumed: bool = False

    @model_validator(mode="after")
    def end_after_start(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError(f"ends_on {self.ends_on} lies before starts_on {self.starts_on}; exchange them")
        return self


class Reachable(Row):
    name: Text
    email: EmailStr


class Contact(Reachable):
    phone: str | None = None
    alternative: Text


class Party(Row):
    """What every organisation has. `prefix` begins the references of a municipality's questions."""

    id: Id
    kind: str
    name: Names
    prefix: str | None = None
    website: HttpUrl | None = None
    email: EmailStr | None = None


class Municipality(Party):
    kind: Literal["municipality"] = "municipality"
    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    departments: list[Text] = Field(min_length=1)


class Partner(Party):
    kind: Literal["partner"] = "partner"
    email: EmailStr
    takes: Names


class AgreementPeriod(Span):
    id: Text
    evaluated_on: date | None = None


class Agreement(Row):
    title: Names
    theme: Text | None = None
    periods: list[AgreementPeriod] = Field(min_length=1)
    action_lines: list[Labelled] = []


class Committee(Row):
    """How the committee decides. `quorum`: the share of the members that must have voted."""

    quorum: float = Field(default=0.5, ge=0, le=1)
    majority: Literal["simple", "absolute", "two_thirds"] = "simple"
    veto: bool = False
    default_at_deadline: Literal["none", "accept", "reject"] = "none"


class Clocks(Row):
    """Which closed days stop the clock, by who is waited for; `closed` and `exams` are the institution's own weeks."""

    everyone: Stopping = ["holidays"]
    broker: Stopping = ["closed", "exams"]
    lecturer: Stopping = ["closed", "exams"]


class CityFile(Row):
    """city.yaml"""

    id: Id
    name: Names
    committee_name: Names
    timezone: str = "Europe/Amsterdam"
    languages: list[Literal["nl", "en"]] = Field(min_length=1)
    website: HttpUrl | None = None
    contact: Contact
    municipalities: list[Municipality] = Field(min_length=1)
    partners: list[Partner] = []
    challenges: list[Labelled] = Field(min_length=1)
    agreement: Agreement
    committee: Committee = Committee()
    pack_working_days: int = Field(default=5, ge=0, le=30)  # so long before a meeting its papers go
    post: Post = Post()
    mandate: list[str] = []
    terms: dict[str, list[str]] = {}
    clocks: Clocks = Clocks()
    routing: list[Direction] = []
    privacy: Names
    accessibility: Names

    @field_validator("timezone")
    @classmethod
    def is_a_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is not a time zone; write one such as Europe/Amsterdam")
        return name


class Institution(Party):
    kind: Literal["wo", "hbo", "mbo", "art"]
    places: list[Text] = []
    desk: Text | None = None


class Unit(Row):
    id: Id
    institution: Id
    name: Text
    verified: bool = True


class Keywords(Row):
    nl: list[Text] = []
    en: list[Text] = []


class OfferingRow(Row):
    id: Id
    institution: Id
    unit: Id | None = None
    kind: Kind
    level: Level
    levels: list[Literal["mbo", "hbo", "wo"]] = []
    joint_with: list[Id] = []
    name: Names
    languages: list[Literal["nl", "en", "de"]] = Field(min_length=1)
    disciplines: list[Id] = []
    keywords: Keywords = Keywords()
    form: Text | None = None
    weeks: tuple[Weeks, Weeks] | None = None
    periods: list[Code] = Field(min_length=1)
    hand_in_weeks: Weeks | None = None
    group_size: tuple[Count, Count] | None = None
    seats: Count | None = None
    contact: Reachable | None = None
    description: dict[Literal["nl", "en"], Text] | None = None
    since: date | None = None
    until: date | None = None
    historical: bool = False
    verified: bool = True


class CatalogueFile(Row):
    """catalogue.yaml"""

    institutions: list[Institution] = Field(min_length=1)
    units: list[Unit] = []
    offerings: list[OfferingRow] = []


class PeriodRow(Span):
    year: Annotated[str, StringConstraints(pattern=r"^\d{4}(/\d{2})?$")]
    code: Code
    tests_from: date | None = None


class ClosureRow(Span):
    name: Text
    name_en: Text | None = None


class InstitutionCalendar(Row):
    periods: list[PeriodRow] = Field(min_length=1)
    closed: list[ClosureRow] = []


class CalendarFile(Row):
    """calendar.yaml"""

    closures: list[ClosureRow] = []
    hand_in_weeks: dict[Kind, Weeks]
    hand_in_assumed: bool = False
    institutions: dict[Id, InstitutionCalendar]


class PersonRow(Reachable):
    language: Literal["nl", "en"] = "nl"
    phone: str | None = None
    organisation: Id | None = None
    roles: list[Role] = Field(min_length=1)


class PeopleFile(Row):
    """people.yaml"""

    demo: bool = False
    people: list[PersonRow] = []


class City(Row):
    """A whole city, as its files say."""

    city: CityFile
    catalogue: CatalogueFile
    calendar: CalendarFile
    people: PeopleFile = PeopleFile()

    @property
    def organisations(self) -> tuple[Party, ...]:
        return (*self.city.municipalities, *self.city.partners, *self.catalogue.institutions)

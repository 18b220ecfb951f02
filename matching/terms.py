"""When an offering can still take a question on: its editions, their hand-in days, and what is within reach."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

ANY = "any"  # in `periods`: begins whenever a period of its institution begins


@dataclass(frozen=True, slots=True)
class Said:
    """What is known of one offering in one term. `confirmed`: by its institution; what is None follows the calendar."""

    offering: str
    starts_on: date | None = None
    ends_on: date | None = None
    hand_in_by: date | None = None
    seats: int | None = None
    taken: int = 0
    open: bool = True
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A period of an institution; `id` such as `ut:2026/27:2A`. Both days included."""

    id: str
    institution: str
    code: str
    starts_on: date
    ends_on: date
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferingText:
    """What matching looks at in an offering. `weeks`: its shortest length."""

    id: str
    institution: str
    kind: str
    names: tuple[str, ...]
    keywords: tuple[str, ...] = ()
    disciplines: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    form: str = ""
    periods: tuple[str, ...] = (ANY,)
    weeks: int = 0
    hand_in_weeks: int = 10
    joint_with: tuple[str, ...] = ()
    unit: str = ""
    level: str = ""
    seats: int | None = None  # per edition
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One time that an offering runs. `ends_on`: not before this day can there be a result."""

    term: str
    starts_on: date
    ends_on: date
    hand_in_by: date
    seats: int | None = field(default=None, compare=False)  # None: nobody has said how many
    taken: int = field(default=0, compare=False)
    open: bool = field(default=True, compare=False)
    confirmed: bool = field(default=False, compare=False)

    @property
    def left(self) -> int | None:
        return None if self.seats is None else max(0, self.seats - self.taken)

    @property
    def has_room(self) -> bool:
        return self.open and self.left != 0


def editions(offering: OfferingText, terms: Iterable[Term]) -> list[Edition]:
    """Every edition, earliest first: those confirmed or with a question in them, and what the calendar lets one expect.

    Of what is expected there is at most one per starting day.
    """
    found: dict[str, Edition] = {}
    days: set[date] = set()
    own = [one for one in terms if one.institution == offering.institution]
    for term in sorted(own, key=lambda one: (one.starts_on, one.ends_on, one.id)):
        said = next((one for one in term.said if one.offering == offering.id), Said(offering.id))
        if said.confirmed or said.taken or (_expected(offering, term) and term.starts_on not in days):
            found[term.id] = _edition(offering, term, said)
            days.add(term.starts_on)
    return sorted(found.values(), key=lambda one: one.starts_on)


def usual(offering: OfferingText, term: Term) -> Edition:
    """How an edition would be by itself, whatever its institution said about it."""
    return _edition(offering, term, Said(offering.id))


def _expected(offering: OfferingText, term: Term) -> bool:
    runs = ANY in offering.periods or term.code in offering.periods
    return runs and (offering.since or date.min) <= term.starts_on <= (offering.until or date.max)


def _edition(offering: OfferingText, term: Term, said: Said) -> Edition:
    return Edition(
        term.id, said.starts_on or term.starts_on,
        said.ends_on or max(term.ends_on, term.starts_on + timedelta(weeks=offering.weeks)),
        said.hand_in_by or term.starts_on - timedelta(weeks=offering.hand_in_weeks),
        offering.seats if said.seats is None else said.seats, said.taken, said.open, said.confirmed,
    )  # fmt: skip


def next_edition(
    offering: OfferingText, terms: Iterable[Term], today: date, needed_by: date | None
) -> tuple[Edition | None, bool]:
    """The first edition with room that can still be handed in for, and whether its result would be there in time."""
    for edition in editions(offering, terms):
        if edition.hand_in_by >= today and edition.has_room:
            return edition, needed_by is None or edition.ends_on <= needed_by
    return None, False

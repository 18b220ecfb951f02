"""When an offering can still take a question on: its editions, their hand-in days, and what is within reach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ANY = "any"  # in `periods`: begins whenever a period of its institution begins


@dataclass(frozen=True, slots=True)
class Term:
    """A period of an institution; `id` such as `ut:2026/27:2A`. Both days included."""

    id: str
    institution: str
    code: str
    starts_on: date
    ends_on: date


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


@dataclass(frozen=True, slots=True)
class Edition:
    """One time that an offering runs. `ends_on`: not before this day can there be a result."""

    term: str
    starts_on: date
    ends_on: date
    hand_in_by: date


@dataclass(frozen=True, slots=True)
class Opening:
    """The first edition within reach of one kind of offering at one institution, and which offerings share it."""

    institution: str
    kind: str
    edition: Edition
    offerings: tuple[str, ...]


def editions(offering: OfferingText, terms: Iterable[Term]) -> list[Edition]:
    """Every edition that the calendar knows, earliest first; at most one per starting day."""
    found: dict[date, Edition] = {}
    own = [one for one in terms if one.institution == offering.institution]
    for term in sorted(own, key=lambda one: (one.starts_on, one.ends_on, one.id)):
        runs = ANY in offering.periods or term.code in offering.periods
        if runs and term.starts_on not in found:
            longest = max(term.ends_on, term.starts_on + timedelta(weeks=offering.weeks))
            by = term.starts_on - timedelta(weeks=offering.hand_in_weeks)
            found[term.starts_on] = Edition(term.id, term.starts_on, longest, by)
    return list(found.values())


def next_edition(
    offering: OfferingText, terms: Iterable[Term], today: date, needed_by: date | None
) -> tuple[Edition | None, bool]:
    """The first edition that can still be handed in for, and whether its result would be there in time."""
    for edition in editions(offering, terms):
        if edition.hand_in_by >= today:
            return edition, needed_by is None or edition.ends_on <= needed_by
    return None, False


def reachable_terms(
    offerings: Sequence[OfferingText], terms: Sequence[Term], today: date, needed_by: date | None = None
) -> list[Opening]:
    """Per institution and kind of offering the first edition within reach, soonest hand-in day first."""
    groups: dict[tuple[str, str], dict[Edition, list[str]]] = {}
    for offering in offerings:
        edition, reachable = next_edition(offering, terms, today, needed_by)
        if edition and reachable:
            own = groups.setdefault((offering.institution, offering.kind), {})
            own.setdefault(edition, []).append(offering.id)
    openings = []
    for (institution, kind), found in groups.items():
        first = min(found, key=lambda one: (one.hand_in_by, one.starts_on, one.ends_on, one.term))
        openings.append(Opening(institution, kind, first, tuple(sorted(found[first]))))
    return sorted(openings, key=lambda one: (one.edition.hand_in_by, one.institution, one.kind))

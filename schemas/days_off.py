"""Days on which clocks stand still, and what they are called."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

GOOD_FRIDAY = "Goede vrijdag"  # an ordinary working day here


class Closed(NamedTuple):
    """Days on which clocks stand still, both ends included. `of`: the institution whose days they are, if one's own."""

    first: date
    last: date
    name: str = ""
    name_en: str = ""
    kind: str = "holidays"
    of: str | None = None


class Rest(NamedTuple):
    """Why a day does not count: `weekend`, `holiday`, `suspended`, or the kind of a closure, with its name."""

    why: str
    name: str = ""
    name_en: str = ""
    of: str | None = None


def _named(year: int, language: str) -> dict[date, str]:
    # In a language of our choice: otherwise the names follow the locale of the machine.
    import holidays  # takes longer to import than most of what we do; the form does not need it

    return dict(holidays.country_holidays("NL", years=year, language=language))


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Dutch public holidays. Good Friday is an ordinary day here; 5 May is off every fifth year."""
    return frozenset(day for day, name in _named(year, "nl").items() if name != GOOD_FRIDAY)


@lru_cache(maxsize=1024)
def holiday_name(day: date, language: str) -> str:
    """What a public holiday is called in `nl` or `en_US`."""
    return _named(day.year, language).get(day, "")

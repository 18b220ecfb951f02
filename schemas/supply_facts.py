"""Facts of a supply compared and named: what an edition says itself, what differs, a name as an id."""

import re
import unicodedata

from schemas.supply import Edition
from schemas.supply_form import Flat

DATES = ("starts_on", "ends_on", "hand_in_by")


def own(row: Edition | None) -> Flat:
    """What a confirmed edition says itself."""
    if row is None:
        return {}
    said = {name: value.isoformat() for name in DATES if (value := getattr(row, name))}
    return said | ({"seats": row.seats} if row.seats is not None else {}) | {"open": "yes" if row.open else "no"}


def differing(before: Flat, after: Flat) -> tuple[Flat, Flat]:
    """Only what differs, before and after."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return tuple({name: one[name] for name in names if name in one} for one in (before, after))  # type: ignore[return-value]


def slug(text: str) -> str:
    """A name as an id: `city-lab`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("-")

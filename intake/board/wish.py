"""What somebody wants to see of the board. All of it is in the address, so that it can be kept and sent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode

from intake.desk.walking import Order, Place

LONGEST = 100
ORDER = Order("hand_in")


@dataclass(frozen=True)
class Wish:
    """What the board is narrowed down by, from which term on, and from which question on."""

    institution: str = ""
    term: str = ""
    challenge: str = ""
    terms: str = ""  # how many of the coming terms lie to the left
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address; what makes no sense asks nothing."""
        return cls(**{one.name: query.get(one.name, "").replace("\x00", "").strip()[:LONGEST] for one in fields(cls)})

    @property
    def place(self) -> Place | None:
        return Place.read(self.before or self.after, ORDER)

    @property
    def skipped(self) -> int:
        return int(self.terms) if self.terms.isascii() and self.terms.isdigit() and len(self.terms) < 4 else 0

    @property
    def narrowed(self) -> bool:
        return bool(self.institution or self.term or self.challenge)

    def href(self, *, place: bool = False, **changes: Any) -> str:
        """How an address says this, or this with changes; from the first question on unless asked."""
        wish = replace(self, **({} if place else {"after": "", "before": ""}) | changes)
        query = urlencode({one.name: value for one in fields(wish) if (value := getattr(wish, one.name))})
        return f"/board?{query}" if query else "/board"

"""What somebody wants to see of the list. All of it is in the address, so that it can be kept and sent."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from intake.desk.views import SHOWN, VIEWS
from intake.desk.walking import DOWN, SORTS, Order, Place

LONGEST = 200


@dataclass(frozen=True)
class Wish:
    """A view, what it is narrowed down by, an order, and from where on. An empty text asks nothing."""

    view: str = ""
    text: str = ""
    city: str = ""
    state: str = ""
    challenge: str = ""
    institution: str = ""
    person: str = ""
    sort: str = ""
    order: str = ""
    after: str = ""
    before: str = ""
    nr: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """From an address; what makes no sense asks nothing."""
        given = {one.name: query.get(one.name, "").replace("\x00", "").strip()[:LONGEST] for one in fields(cls)}
        wish = cls(**given)
        return replace(
            wish,
            view=wish.view if wish.view in VIEWS else "all" if wish.text else "open",
            state=wish.state if wish.state in SHOWN else "",
            sort=wish.sort if wish.sort in SORTS else "",
            order=wish.order if wish.order in ("up", "down") else "",
        )

    @classmethod
    def of_text(cls, query: str) -> Self:
        """From the part of an address after the `?`."""
        return cls.read(dict(parse_qsl(query)))

    @property
    def by(self) -> Order:
        """The soonest due first, unless something else was asked; where most have ended, the newest first."""
        sort = self.sort or ("new" if self.view in ("all", "answered") else "due")
        return Order(sort, self.order == "down" if self.order else sort in DOWN)

    @property
    def place(self) -> Place | None:
        return Place.read(self.before or self.after, self.by)

    @property
    def narrowed(self) -> bool:
        """Whether anything but the view has been asked."""
        return any((self.text, self.city, self.state, self.challenge, self.institution, self.person))

    @property
    def first(self) -> int:
        """The number of the first row shown, as far as the address knows."""
        return int(self.nr) if self.place and self.nr.isascii() and self.nr.isdigit() and len(self.nr) < 8 else 1

    def query(self, *, place: bool = False, **changes: Any) -> str:
        """How an address says this, or this with changes; without the place unless asked."""
        wish = replace(self, **({} if place else {"after": "", "before": "", "nr": ""}) | changes)
        return urlencode({one.name: value for one in fields(wish) if (value := getattr(wish, one.name))})

    def href(self, *, place: bool = False, **changes: Any) -> str:
        return f"/desk?{self.query(place=place, **changes)}"

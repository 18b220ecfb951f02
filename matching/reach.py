"""Which editions of an offering a question can still reach, until when, and why not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from matching.terms import Edition, OfferingText, Term, editions, next_edition

IN_TIME, RESULT_LATE, FULL, HANDED_IN_LATE, NEVER = "reachable", "too_late", "full", "hand_in_passed", "no_edition"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a question can reach of an offering. `edition`: the first to hand in for; `then`: the one after."""

    why: str
    edition: Edition | None = None
    then: Edition | None = None

    @property
    def in_time(self) -> bool:
        return self.why == IN_TIME


def reach(offering: OfferingText, terms: Iterable[Term], today: date, needed_by: date | None) -> Reach:
    """Whether, when and until when; of what cannot be reached the reason."""
    terms = tuple(terms)
    first, in_time = next_edition(offering, terms, today, needed_by)
    every = editions(offering, terms)
    ahead = [one for one in every if one.hand_in_by >= today]
    if first is None:
        return Reach(FULL if ahead else HANDED_IN_LATE if every else NEVER, ahead[0] if ahead else None)
    then, also = next_edition(offering, terms, first.hand_in_by + timedelta(days=1), needed_by)
    return Reach(IN_TIME if in_time else RESULT_LATE, first, then if also else None)

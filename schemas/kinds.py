"""What kind of letter each is: which may be gathered, put off and switched off, and which of two goes. One table.

`asks`: the reader must act, or must have it (a decision on their question, an agreement, a link they asked for). It
always goes at once. `reminder`: the clock asks again. `told`: how things go. `internal`: the same for people who work
with it every day, and who have the desk for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from schemas.rules import Role


class Kind(StrEnum):
    ASKS = "asks"
    REMINDER = "reminder"
    TOLD = "told"
    INTERNAL = "internal"


class How(StrEnum):
    """When letters of a kind come. The sooner stands first."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


NOW, DAILY, WEEKLY, NEVER = How
ASKS, REMINDER, TOLD, INTERNAL = Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """How letters of a kind may come; `otherwise`: for whoever has chosen nothing."""

    may: tuple[How, ...]
    otherwise: How


# A reminder that waits for a week would come after the term that it is about.
CHOICES: Mapping[Kind, Choice] = {
    ASKS: Choice((NOW,), NOW),
    REMINDER: Choice((NOW, DAILY, NEVER), NOW),
    TOLD: Choice((NOW, DAILY, WEEKLY, NEVER), NOW),
    INTERNAL: Choice((NOW, DAILY, WEEKLY, NEVER), DAILY),
}
OPTIONAL = tuple(kind for kind, choice in CHOICES.items() if NEVER in choice.may)

# People who do this every day. They need no letter about what they have just done themselves, and for them what others
# are told may be internal; others get a receipt.
STAFF = frozenset({Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.BROKER})


@dataclass(frozen=True, slots=True)
class Rank:
    """A row of the table: the kind for most people, the kind for staff, and its place."""

    kind: Kind
    staff: Kind
    place: int


# Letter, its kind, and its kind for staff. The order is what is asked: of two letters of one event to one person the
# higher goes, and names the lower.
TABLE = """
    sign-in             asks      asks
    invited             asks      asks
    new-link            asks      asks
    resume-draft        asks      asks
    confirm-ownership   asks      asks
    please-decide       asks      asks
    offer               asks      asks
    agreement           asks      asks
    please-pick-up      asks      asks
    please-clarify      asks      asks
    delivered           asks      asks
    revision-asked      asks      internal
    please-clear        asks      asks
    still-current       asks      asks
    midterm             asks      asks
    impact              asks      asks
    new-question        asks      asks
    clarified           asks      asks
    handed-back         asks      asks
    ownership-refused   asks      asks
    declined            asks      asks
    lapsed              asks      asks
    cancelled           asks      asks
    called-off          asks      asks
    retracted           asks      asks
    not-usable          asks      asks
    at-risk             asks      asks
    way-preferred       asks      asks
    contact-corrected   asks      asks
    mentioned           asks      asks
    reply-received      asks      asks
    hand-in-near        asks      asks
    meeting-planned     asks      asks
    meeting-moved       asks      asks
    meeting-cancelled   asks      asks
    meeting-pack        asks      asks
    decision-list       asks      asks
    presumed-accepted   asks      asks
    answered            asks      asks
    rejected            asks      asks
    redirected          asks      asks
    merged              asks      asks
    unmatched           asks      asks
    withdrawn           asks      told
    accepted            asks      asks
    held                asks      internal
    parked              asks      asks
    split               asks      internal
    reopened            asks      asks
    suspended           asks      internal
    extended            asks      internal
    agreed              asks      asks
    kick-off            asks      asks
    owner-changed       asks      asks
    deputy-changed      asks      asks
    lecturer-changed    asks      internal
    stopped             asks      told
    receipt             asks      asks
    reminder            reminder  reminder
    draft-reminder      reminder  reminder
    overdue             reminder  reminder
    placed              told      told
    woken               told      asks
    published           told      told
    result-accepted     told      internal
    taken-on            told      internal
    picked-up           told      internal
    resumed             told      internal
    closed              told      told
    declined-again      internal  internal
    digest              internal  internal
"""  # fmt: skip


def _row(place: int, name: str, kind: str, staff: str) -> tuple[str, Rank]:
    return name, Rank(Kind(kind), Kind(staff), place)


LETTERS: Mapping[str, Rank] = MappingProxyType(
    dict(_row(n, *line.split()) for n, line in enumerate(TABLE.strip().splitlines()))
)


def kind_of(letter: str, role: str) -> Kind:
    """The kind of a letter to somebody in a role. A letter without a row asks: it is never held back."""
    row = LETTERS.get(letter)
    if row is None:
        return ASKS
    return row.staff if role in STAFF else row.kind


def place_of(letter: str) -> int:
    """Where a letter stands in the table; the lower, the more it asks."""
    row = LETTERS.get(letter)
    return row.place if row else -1

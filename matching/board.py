"""The best fitting offering of a question in each coming term, with what can still be reached of it or why not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from matching.disciplines import disciplines_of
from matching.offerings import Known, QuestionText, fits, taught_by
from matching.prospects import WORTH, Supply
from matching.routes import on_route
from matching.terms import Edition, OfferingText, Term, editions

REACHABLE, LIMIT, FULL, LATE, CLOSED, MISSED = "reachable", "at_limit", "full", "too_late", "closed", "missed"
STATES = (REACHABLE, LIMIT, FULL, LATE, CLOSED, MISSED)  # what helps most first


@dataclass(frozen=True, slots=True)
class Column:
    """A coming term. `by`: the last day on which anything in it can be handed in for."""

    term: Term
    by: date


@dataclass(frozen=True, slots=True)
class Cell:
    """What fits a question best in one term. `score` 0 to 1, `state` one of the words above."""

    offering: str
    institution: str
    score: float
    edition: Edition
    state: str


class Board:
    """The supply of one day by term, put together once for all questions on a page."""

    def __init__(self, supply: Supply, at_limit: Collection[str] = ()) -> None:
        self.supply, self.at_limit = supply, at_limit
        self.runs: dict[str, list[tuple[OfferingText, Edition]]] = {}
        for offering in supply.offerings:
            for edition in editions(offering, supply.terms_of(offering.institution)):
                self.runs.setdefault(edition.term, []).append((offering, edition))

    def columns(self, institution: str = "", term: str = "") -> list[Column]:
        """The terms that something can still be handed in for, the first to close first."""
        last = {key: max(edition.hand_in_by for _, edition in rows) for key, rows in self.runs.items()}
        today = self.supply.today
        found = [Column(one, last[one.id]) for one in self.supply.terms if last.get(one.id, date.min) >= today]
        kept = [one for one in found if institution in ("", one.term.institution) and term in ("", one.term.id)]
        return sorted(kept, key=lambda one: (one.by, one.term.starts_on, one.term.id))

    def cells(
        self, question: QuestionText, columns: Sequence[Column], needed: date | None, known: Known
    ) -> dict[str, Cell]:
        """The best in each column, by term: what can be reached, else what fits best with the reason against it."""
        scores = self._scores(question, known)
        worth = WORTH * max(scores.values(), default=0.0)
        found: dict[str, Cell] = {}
        for column in columns:
            rows = [self._cell(offering, edition, scores, needed) for offering, edition in self.runs[column.term.id]
                    if scores.get(offering.id, 0.0) >= worth or offering.id in known.preferred]  # fmt: skip
            ranked = sorted(
                rows,
                key=lambda one: (STATES.index(one.state), one.offering not in known.preferred,
                                 self._aside(one.offering, question.route), -one.score, one.offering),
            )  # fmt: skip
            found |= {column.term.id: ranked[0]} if ranked else {}
        return found

    def _scores(self, question: QuestionText, known: Known) -> Mapping[str, float]:
        about = disciplines_of(question.title, question.body)
        offerings = tuple(self.supply.offerings)
        return fits(question, offerings, about, taught_by(about, offerings, known))

    def _aside(self, offering: str, route: str) -> bool:
        return bool(route) and not on_route(self.supply.by_id[offering], route)

    def _cell(self, offering: OfferingText, edition: Edition, scores: Mapping[str, float], needed: date | None) -> Cell:
        reasons = {
            MISSED: edition.hand_in_by < self.supply.today, CLOSED: not edition.open, FULL: edition.left == 0,
            LATE: needed is not None and edition.ends_on > needed, LIMIT: offering.institution in self.at_limit,
        }  # fmt: skip
        state = next((name for name, holds in reasons.items() if holds), REACHABLE)
        return Cell(offering.id, offering.institution, scores.get(offering.id, 0.01), edition, state)

    def left_in(self, columns: Sequence[Column], institution: str) -> tuple[int, int]:
        """The seats left in these terms at an institution, and how many editions have set no maximum."""
        rows = [edition for column in columns if column.term.institution == institution
                for _, edition in self.runs[column.term.id]
                if edition.open and edition.hand_in_by >= self.supply.today]  # fmt: skip
        return sum(one.left or 0 for one in rows), sum(one.left is None for one in rows)

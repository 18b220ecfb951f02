"""What earlier questions teach: who took them up, who declined, and where a coordinator knew better."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log, log1p, sqrt

WEIGHTS = {"taken": 1.0, "preferred": 1.0, "declined": -0.5, "passed": -0.5}
ALIKE = 0.5  # from here on an earlier question counts as one like this
LOSS = 0.4  # what one refusal of a question exactly like this takes off


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an earlier question: `verdict`: taken, preferred (by a coordinator), declined, passed (over)."""

    question: str
    about: Mapping[str, float]  # its disciplines
    offering: str
    institution: str
    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the earlier questions say of one offering: what it adds to its score, how many spoke for and against."""

    worth: float
    taken: int = 0
    declined: int = 0
    preferred: int = 0
    passed: int = 0


def likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """How much two questions are about the same disciplines, 0 to 1."""
    shared = sum(value * other.get(name, 0.0) for name, value in one.items())
    length = sqrt(sum(v * v for v in one.values()) * sum(v * v for v in other.values()))
    return min(shared / length, 1.0) if length else 0.0


def lessons(
    about: Mapping[str, float], outcomes: Iterable[Outcome], places: Mapping[str, tuple[str, str]]
) -> dict[str, Lesson]:
    """Per offering what earlier questions teach. `places`: its school and institution.

    Who took up questions on the same disciplines gets more of them, its school and its institution a little more too.
    """
    votes: dict[str, float] = {}
    losses: dict[str, float] = {}
    counts: dict[tuple[str, str], int] = {}
    for one in outcomes:
        like = likeness(about, one.about) ** 2
        weight = WEIGHTS[one.verdict] * like
        if weight < 0:  # who declined without a course in mind spoke for the whole institution, and less strongly
            losses[one.offering or one.institution] = losses.get(one.offering or one.institution, 0.0) - weight
        elif weight:
            for place in {one.offering, *places.get(one.offering, ("", one.institution))} - {""}:
                votes[place] = votes.get(place, 0.0) + weight
        if like >= ALIKE**2:
            counts[one.offering, one.verdict] = counts.get((one.offering, one.verdict), 0) + 1
    shares = _shares(votes, places)
    return {
        offering: Lesson(
            0.5 * log1p(votes.get(offering, 0.0)) + 0.3 * shares[school] + 0.2 * shares[house]
            - LOSS * log1p(2 * losses.get(offering, 0.0) + losses.get(house, 0.0)),
            **{verdict: counts.get((offering, verdict), 0) for verdict in WEIGHTS},
        )
        for offering, (school, house) in places.items()
    }  # fmt: skip


def _shares(votes: Mapping[str, float], places: Mapping[str, tuple[str, str]]) -> dict[str, float]:
    """Of each school and institution: how much more than its even share of the votes it has, on a log scale."""
    shares: dict[str, float] = {}
    for level, calm in ((0, 0.5), (1, 1.0)):
        groups = {place[level] for place in places.values()}
        total = sum(votes.get(group, 0.0) for group in groups)
        for group in groups:
            shares[group] = log((votes.get(group, 0.0) + calm) / (total + calm * len(groups)) * len(groups))
    return shares

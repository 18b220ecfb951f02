"""Which offering fits a question, why, and whether it can still be reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from matching.disciplines import disciplines_of
from matching.ngrams import Index, shared_words
from matching.terms import OfferingText, Term, next_edition

Reason = tuple[str, tuple[str, ...]]
TITLE = 3.0  # how much more a word in the title says
DISCIPLINE = 1.0  # an offering of the likeliest discipline counts double
HALF = 0.1  # the resemblance that scores one half
ROUTES: Mapping[str, tuple[str, ...]] = {
    "programme": ("programme", "course"), "minor": ("minor",), "challenge": ("challenge", "lab"),
    "thesis": ("thesis", "graduation", "bachelor assignment"), "internship": ("internship", "placement"),
    "research": ("research",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What matching looks at in a question. `route`: the kind of education that was decided on, if any."""

    title: str
    situation: str = ""
    wanted: str = ""
    use: str = ""
    language: str = ""
    route: str = ""

    @property
    def body(self) -> str:
        return "\n".join((self.situation, self.wanted, self.use))


@dataclass(frozen=True, slots=True)
class Match:
    """An offering for a question. `score` 0 to 1; `reasons` are codes with the words, names or days behind them."""

    offering: str
    institution: str
    score: float
    reasons: tuple[Reason, ...]
    edition: str | None
    hand_in_by: date | None
    reachable: bool


def rank(
    question: QuestionText,
    offerings: Sequence[OfferingText],
    today: date,
    needed_by: date | None,
    terms: Sequence[Term],
    most: int | None = 25,
) -> list[Match]:
    """The offerings that resemble a question; at most `most` (None: all).

    Those within reach come first, among them those of the route that was decided on, then the best.
    """
    about = disciplines_of(question.title, question.body)
    scores = fits(question, tuple(offerings), about)
    found = []
    for offering in offerings:
        if scores.get(offering.id, 0.0) > 0:
            edition, reachable = next_edition(offering, terms, today, needed_by)
            aside = bool(question.route) and not on_route(offering, question.route)
            found.append((not reachable, aside, -scores[offering.id], offering.id, offering, edition))
    matches = []
    for missed, _, score, _, offering, edition in sorted(found, key=lambda row: row[:4])[:most]:
        when = (edition.term, edition.hand_in_by.isoformat()) if edition else ()
        reach = ("reachable" if not missed else "too_late" if edition else "no_edition", when)
        matches.append(
            Match(offering.id, offering.institution, round(-score, 4), (*_why(question, offering, about), reach),
                  edition.term if edition else None, edition.hand_in_by if edition else None, not missed)
        )  # fmt: skip
    return matches


def fits(question: QuestionText, offerings: tuple[OfferingText, ...], about: Mapping[str, float]) -> dict[str, float]:
    """How well each offering fits by its words and disciplines alone, 0 to 1; those that share nothing are left out."""
    likeness = _index(offerings).scores([(question.title, TITLE), (question.body, 1.0)])
    scores = {}
    for offering in offerings:
        strength = likeness.get(offering.id, 0.0)
        discipline = max((about.get(name, 0.0) for name in offering.disciplines), default=0.0)
        strength *= (1 + DISCIPLINE * discipline) / (1 + DISCIPLINE)
        if strength > 0:
            scores[offering.id] = strength / (strength + HALF)
    return scores


def on_route(offering: OfferingText, route: str) -> bool:
    """Whether an offering is of the kind that was decided on, by what it is or by the forms that it offers."""
    return any(kind == offering.kind or kind in offering.form.lower() for kind in ROUTES.get(route, ()))


@lru_cache(maxsize=4)
def _index(offerings: tuple[OfferingText, ...]) -> Index:
    index = Index()
    for offering in offerings:
        index.add(offering.id, [(" ".join(dict.fromkeys(offering.names)), 1.0), (" ".join(offering.keywords), 1.0)])
    return index


def _why(question: QuestionText, offering: OfferingText, about: Mapping[str, float]) -> list[Reason]:
    words = shared_words(f"{question.title} {question.body}", (*offering.names, *offering.keywords))
    disciplines = tuple(name for name in offering.disciplines if about.get(name, 0.0) >= 0.6)
    reasons: list[Reason] = [("words", words)] if words else []
    reasons += [("discipline", disciplines)] if disciplines else []
    reasons += [("route", (question.route,))] if on_route(offering, question.route) else []
    if question.language and offering.languages and question.language not in offering.languages:
        reasons.append(("other_language", offering.languages))
    reasons += [("joint", offering.joint_with)] if offering.joint_with else []
    return reasons

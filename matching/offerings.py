"""Which offering fits a question, why, and whether it can still be reached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from matching.disciplines import disciplines_of
from matching.experience import Lesson, Outcome, lessons
from matching.kin import Kin
from matching.ngrams import Index, shared_words
from matching.reach import Reach, reach
from matching.routes import WISHES, on_route
from matching.terms import OfferingText, Term, next_edition

Order = tuple[bool, float, str]  # the least comes first
Reason = tuple[str, tuple[str, ...]]
TITLE = 2.0  # how much more a word in the title says


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts for how much. Chosen by `bench/matching.py` on questions that really went somewhere."""

    words: float = 1.0
    disciplines: float = 1.0
    school: float = 0.5  # the school's other offerings tell what it is about
    experience: float = 0.5
    language: float = 0.2
    wish: float = 0.1  # each of: the product wanted, the time that the owner has


WEIGHTS = Weights()
HALF = 1.5  # what scores one half


@dataclass(frozen=True, slots=True)
class QuestionText:
    """What matching looks at in a question. `route`: the kind of education that was decided on, if any."""

    title: str
    situation: str = ""
    wanted: str = ""
    use: str = ""
    language: str = ""
    route: str = ""
    product: str = ""
    effort: str = ""

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
    reach: Reach


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the texts. `preferred`: what a coordinator chose for this very question, and why."""

    outcomes: tuple[Outcome, ...] = ()
    preferred: Mapping[str, str] = field(default_factory=dict)


NOTHING = Known()


def rank(
    question: QuestionText,
    offerings: Sequence[OfferingText],
    today: date,
    needed_by: date | None,
    terms: Sequence[Term],
    most: int | None = 25,
    known: Known = NOTHING,
) -> list[Match]:
    """The offerings that resemble a question; at most `most` (None: all).

    What a coordinator chose comes first, then those within reach, among them those of the route that was decided on,
    then the best.
    """
    about = disciplines_of(question.title, question.body)
    taught = taught_by(about, offerings, known)
    scores = fits(question, tuple(offerings), about, taught)
    by_house: dict[str, list[Term]] = {}
    for term in terms:
        by_house.setdefault(term.institution, []).append(term)
    wanted = len(offerings) if most is None else most

    def order(one: OfferingText) -> Order:
        aside = bool(question.route) and not on_route(one, question.route)
        return aside, -scores.get(one.id, 0.01), one.id

    def in_time(one: OfferingText) -> bool:
        return next_edition(one, by_house.get(one.institution, ()), today, needed_by)[1]

    chosen = [one for one in offerings if one.id in known.preferred]
    others = [one for one in offerings if one.id in scores and one.id not in known.preferred]
    return [
        _match(question, one, scores.get(one.id, 0.01), about, taught.get(one.id), known,
               reach(one, by_house.get(one.institution, ()), today, needed_by))
        for one in [*_first(wanted, chosen, order, in_time), *_first(wanted, others, order, in_time)][:wanted]
    ]  # fmt: skip


def _first(
    wanted: int, candidates: list[OfferingText], order: Callable[[OfferingText], Order],
    in_time: Callable[[OfferingText], bool],
) -> list[OfferingText]:  # fmt: skip
    """Those within reach, then the others. None is reckoned with once enough are found: calendars are the dear part."""
    near: list[OfferingText] = []
    far: list[OfferingText] = []
    for one in sorted(candidates, key=order):
        if len(near) >= wanted:
            break
        (near if in_time(one) else far).append(one)
    return near + far


def _match(
    question: QuestionText,
    offering: OfferingText,
    score: float,
    about: Mapping[str, float],
    lesson: Lesson | None,
    known: Known,
    within: Reach,
) -> Match:
    edition = within.edition
    when = (edition.term, edition.hand_in_by.isoformat()) if edition else ()
    chosen = [("preferred", (known.preferred[offering.id],))] if offering.id in known.preferred else []
    reasons = (*chosen, *why_it_fits(question, offering, about, lesson), (within.why, when))
    return Match(
        offering.id, offering.institution, round(score, 4), reasons, edition.term if edition else None,
        edition.hand_in_by if edition else None, within.in_time, within,
    )  # fmt: skip


def taught_by(about: Mapping[str, float], offerings: Sequence[OfferingText], known: Known) -> dict[str, Lesson]:
    """What earlier questions teach about each offering; nothing while there are none."""
    places = {one.id: (one.unit, one.institution) for one in offerings}
    return lessons(about, known.outcomes, places) if known.outcomes else {}


@dataclass(frozen=True, slots=True)
class Clues:
    """What speaks for one offering, each about 0 to 1."""

    words: float
    disciplines: float
    school: float
    experience: float
    language: float
    wish: float

    def total(self, weights: Weights) -> float:
        """All of it, weighed."""
        return (
            weights.words * self.words + weights.disciplines * self.disciplines + weights.school * self.school
            + weights.experience * self.experience + weights.language * self.language + weights.wish * self.wish
        )  # fmt: skip


def clues(
    question: QuestionText,
    offerings: tuple[OfferingText, ...],
    about: Mapping[str, float],
    taught: Mapping[str, Lesson],
) -> dict[str, Clues]:
    """What speaks for each offering; those of which neither they nor their school share anything are left out."""
    kin, schools = _indexes(offerings)
    near = kin.scores(question.title, question.body, TITLE)
    school = schools.scores([(question.title, TITLE), (question.body, 1.0)])
    best = max(school.values(), default=1.0)
    return {
        one.id: Clues(
            near.get(one.id, 0.0), _shared(one, about), school.get(one.unit, 0.0) / best,
            taught[one.id].worth if one.id in taught else 0.0, float(question.language in one.languages),
            float(sum(one.kind in WISHES.get(wish, ()) for wish in (question.product, question.effort))),
        )
        for one in offerings if one.id in near or one.unit in school
    }  # fmt: skip


def fits(
    question: QuestionText,
    offerings: tuple[OfferingText, ...],
    about: Mapping[str, float],
    taught: Mapping[str, Lesson],
    weights: Weights = WEIGHTS,
) -> dict[str, float]:
    """How well each offering fits, above 0 and below 1."""
    totals = {key: max(one.total(weights), 0.01) for key, one in clues(question, offerings, about, taught).items()}
    return {key: total / (total + HALF) for key, total in totals.items()}


def _shared(offering: OfferingText, about: Mapping[str, float]) -> float:
    """How much of the question's disciplines an offering has: its nearest, and how near all of its own are."""
    own = [about.get(name, 0.0) for name in offering.disciplines]
    if not own:
        return 0.0
    return (max(own) + sum(own) / len(own) + sum(one**3 for one in own) / len(own)) / 3


@lru_cache(maxsize=4)
def _indexes(offerings: tuple[OfferingText, ...]) -> tuple[Kin, Index]:
    schools: dict[str, list[str]] = {}
    for offering in offerings:
        schools.setdefault(offering.unit, []).extend(offering.keywords)
    index = Index()
    for school, keywords in schools.items():
        index.add(school, [(" ".join(keywords), 1.0)])
    return Kin({one.id: (*one.names, *one.keywords) for one in offerings}), index


def why_it_fits(
    question: QuestionText, offering: OfferingText, about: Mapping[str, float], lesson: Lesson | None = None
) -> list[Reason]:
    """Why an offering fits or does not, as codes with what is behind them; never empty."""
    words = shared_words(f"{question.title} {question.body}", (*offering.names, *offering.keywords))
    disciplines = tuple(name for name in offering.disciplines if about.get(name, 0.0) >= 0.6)
    reasons: list[Reason] = [("words", words)] if words else []
    reasons += [("discipline", disciplines)] if disciplines else []
    reasons += _taught(lesson) if lesson else []
    reasons += [("route", (question.route,))] if on_route(offering, question.route) else []
    wishes = tuple(one for one in (question.product, question.effort) if offering.kind in WISHES.get(one, ()))
    reasons += [("wish", wishes)] if wishes else []
    if question.language and offering.languages and question.language not in offering.languages:
        reasons.append(("other_language", offering.languages))
    reasons += [("joint", offering.joint_with)] if offering.joint_with else []
    return reasons or [("school", ())]


def _taught(lesson: Lesson) -> list[Reason]:
    counts = {"taken_before": lesson.taken, "declined_before": lesson.declined,
              "preferred_before": lesson.preferred, "passed_before": lesson.passed}  # fmt: skip
    return [(code, (str(count),)) for code, count in counts.items() if count]

"""How well matching finds what really took a question up: `python bench/matching.py FOLDER` prints a Markdown table.

FOLDER holds `questions-open.yaml`. Weights are chosen by nested cross-validation: for each series of questions anew, on
the other series alone, and there too each question is judged without its own series. What earlier questions teach comes
from the other series only. Every figure is the mean over series, because series of look-alikes would decide otherwise;
the interval is a bootstrap over series (95 %). The questions held back took no part in choosing anything.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import product
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.baselines import Bm25, Ngrams
from bench.truth import LEVELS, Truth, ranks, truths
from matching.disciplines import disciplines_of
from matching.experience import Outcome
from matching.offerings import WEIGHTS, Clues, Known, Weights, clues, taught_by
from matching.rows import offering_text
from matching.terms import OfferingText
from schemas.cities import read_city
from schemas.city_rows import offering_rows

CITY = Path(__file__).parents[1] / "cities" / "twente"
GRID = {
    "disciplines": (0.5, 1.0, 2.0),
    "school": (0.0, 0.5, 1.0),
    "experience": (0.0, 0.5, 1.0),
    "language": (0.0, 0.2),
}
SETTINGS = [Weights(**dict(zip(GRID, values, strict=True))) for values in product(*GRID.values())]
MEASURES: dict[str, Callable[[int], float]] = {
    "top-1": lambda place: place == 1, "top-5": lambda place: place <= 5, "MRR": lambda place: 1 / place,
}  # fmt: skip
Places = dict[str, dict[str, int]]  # question → level → place


class Bench:
    """The questions and what is on offer, historical offerings too: old questions went to them."""

    def __init__(self, place: Path) -> None:
        self.offered: tuple[OfferingText, ...] = tuple(offering_text(row) for row in offering_rows(read_city(CITY)))
        self.houses = len({one.institution for one in self.offered})
        every = truths(place, self.offered)
        self.tuning = [one for one in every if not one.held_back]
        self.held = [one for one in every if one.held_back]
        self.by_id = {one.id: one for one in every}
        self.clues = cache(self._clues)

    def _clues(self, key: str, without: frozenset[str]) -> dict[str, Clues]:
        """What speaks for each offering, when nothing is known of the series in `without` nor of those held back."""
        question = self.by_id[key]
        about = disciplines_of(question.text.title, question.text.body)
        known = Known(tuple(_outcome(one) for one in self.tuning if one.group not in without and one.institutions))
        return clues(question.text, self.offered, about, taught_by(about, self.offered, known))

    def places(self, one: Truth, weights: Weights, without: Iterable[str] = ()) -> dict[str, int]:
        found = self.clues(one.id, frozenset({*without, one.group}))
        return self.ranked(one, {key: clue.total(weights) for key, clue in found.items()})

    def ranked(self, one: Truth, scores: Mapping[str, float]) -> dict[str, int]:
        low = min(scores.values(), default=0.0) - 1  # what was left out stands behind all that was not
        return ranks(one, {row.id: scores.get(row.id, low) for row in self.offered}, self.offered, self.houses)


def _outcome(one: Truth) -> Outcome:
    house = "" if len(one.institutions) > 1 else min(one.institutions)
    return Outcome(one.id, disciplines_of(one.text.title, one.text.body), one.primary, house, "taken")


def chosen(bench: Bench, without: Iterable[str] = ()) -> Weights:
    """The mean of the quarter of all settings that is best on the tuning questions outside these series.

    The one best setting among so few questions is mostly luck; the middle of the good ones moves less.
    """
    left = [one for one in bench.tuning if one.group not in without and (one.primary or one.institutions)]
    ordered = sorted(SETTINGS, key=lambda one: -mean(_worths(bench, left, one, without)))
    good = ordered[: len(ordered) // 4]
    return Weights(**{name: round(mean(getattr(one, name) for one in good), 2) for name in GRID})


def _worths(bench: Bench, left: Iterable[Truth], weights: Weights, without: Iterable[str]) -> list[float]:
    """Per series the mean reciprocal rank over all levels that are known."""
    groups: dict[str, list[float]] = defaultdict(list)
    for one in left:
        if places := bench.places(one, weights, without):
            groups[one.group].append(mean(1 / place for place in places.values()))
    return [mean(groups[group]) for group in sorted(groups)]


def cross_validated(bench: Bench) -> tuple[Places, list[Weights]]:
    """Each series ranked with the weights chosen without it."""
    places: Places = {}
    used = []
    for group in sorted({one.group for one in bench.tuning}):
        own = [one for one in bench.tuning if one.group == group and (one.primary or one.institutions)]
        if own:
            used.append(chosen(bench, [group]))
            places |= {one.id: bench.places(one, used[-1]) for one in own}
    return places, used


def by_series(bench: Bench, places: Places, level: str) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for key, found in places.items():
        if level in found:
            groups[bench.by_id[key].group].append(found[level])
    return groups


def interval(values: Sequence[float], rounds: int = 2000) -> tuple[float, float]:
    """Where the mean lies in 95 of 100 draws of as many series."""
    draw = random.Random(20261126)
    means = sorted(mean(draw.choices(values, k=len(values))) for _ in range(rounds))
    return means[int(0.025 * rounds)], means[int(0.975 * rounds)]


def table(bench: Bench, methods: Mapping[str, Places]) -> None:
    """One row per level and measure; the margin is over the better baseline, series by series."""
    names = list(methods)
    print(f"| level | measure | {' | '.join(names)} | margin of ours over the better baseline |")
    print("|---|---|" + "---|" * (len(names) + 1))
    for level in LEVELS:
        groups = {name: by_series(bench, places, level) for name, places in methods.items()}
        for measure, worth in MEASURES.items():
            values = {name: [mean(map(worth, group)) for group in found.values()] for name, found in groups.items()}
            cells = [
                f"{mean(own):.2f} ({low:.2f}–{high:.2f})" for own in values.values() for low, high in [interval(own)]
            ]
            rival = max(names[:-1], key=lambda name: mean(values[name]))
            gains = [ours - theirs for ours, theirs in zip(values[names[-1]], values[rival], strict=True)]
            low, high = interval(gains)
            said = "" if low > 0 else ", within the spread"
            print(
                f"| {level} | {measure} | {' | '.join(cells)} | {mean(gains):+.2f} ({low:+.2f} to {high:+.2f}){said} |"
            )
        series = groups[names[-1]]
        print(f"| | n | {sum(map(len, series.values()))} questions in {len(series)} series |" + " |" * len(names))


def baselines(bench: Bench, rows: Sequence[Truth]) -> dict[str, Places]:
    judged = [one for one in rows if one.primary or one.institutions]
    bm25, ngrams = Bm25(bench.offered), Ngrams(bench.offered)
    return {
        "BM25": {one.id: bench.ranked(one, bm25.scores(one.text)) for one in judged},
        "n-gram TF-IDF": {one.id: bench.ranked(one, ngrams.scores(one.text)) for one in judged},
    }


def routing(rows: Sequence[Truth]) -> str:
    """Whether the number of disciplines in a text tells questions for a format from those for a programme."""
    breadth = {one.id: sum(disciplines_of(one.text.title, one.text.body).values()) for one in rows}
    formats = [breadth[one.id] for one in rows if one.label == "form"]
    others = [breadth[one.id] for one in rows if one.label in ("programme", "discipline")]
    return f"{mean((a > b) + (a == b) / 2 for a in formats for b in others):.2f} ({len(formats)} against {len(others)})"


def disciplines(rows: Sequence[Truth]) -> str:
    known = [one for one in rows if one.disciplines and one.label not in ("institution", "none")]
    hits = [bool({*list(disciplines_of(one.text.title, one.text.body))[:3]} & one.disciplines) for one in known]
    return f"{sum(hits)} of {len(hits)}"


def main(place: Path) -> None:
    bench = Bench(place)
    print(f"{len(bench.offered)} offerings; {len(bench.tuning)} questions to choose by, {len(bench.held)} held back.\n")
    ours, used = cross_validated(bench)
    print("Nested cross-validation:\n")
    table(bench, {**baselines(bench, bench.tuning), "ours": ours})
    final = chosen(bench)
    held = {one.id: bench.places(one, WEIGHTS) for one in bench.held if one.primary or one.institutions}
    print("\nHeld back, with the weights in use:\n")
    table(bench, {**baselines(bench, bench.held), "ours": held})
    print(f"\nBest on all questions to choose by: {final}\nIn use: {WEIGHTS}")
    for name in GRID:
        values = [getattr(one, name) for one in used]
        print(f"{name}: from {min(values)} to {max(values)} over the {len(used)} choices of the cross-validation.")
    print(f"One of the three likeliest disciplines is right for {disciplines(bench.tuning)}.")
    print(f"A question for a format looks broader than one for a programme: {routing(bench.tuning)}; 0.50 is a coin.")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where the questions are: python bench/matching.py FOLDER")
    main(Path(sys.argv[1]))

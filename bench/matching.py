"""How well matching finds what really took a question up: `python bench/matching.py PATH/questions-open.yaml`.

Scores as the data's own README advises: counts with a 95 % Wilson interval, and the mean over clusters, because
series of look-alike questions would decide otherwise. Weights are chosen anew without each cluster in turn.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import product
from math import sqrt
from pathlib import Path
from statistics import mean
from typing import Any

import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from matching import offerings as weights
from matching.disciplines import disciplines_of
from matching.offerings import QuestionText, fits, rank
from matching.rows import offering_text, term
from matching.similar import Earlier
from matching.terms import OfferingText, Term
from schemas.cities import read_city
from schemas.city_rows import offering_rows, period_rows

CITY = Path(__file__).parents[1] / "cities" / "twente"
GRID = {"DISCIPLINE": (0.0, 0.5, 1.0, 2.0, 3.0, 5.0), "TITLE": (1.0, 2.0, 3.0, 4.0)}
Row = dict[str, Any]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    width = z * sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - width, middle + width


def by_cluster(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["cluster"] or row["id"]].append(row)
    return groups


def tell(name: str, rows: Sequence[Row], hit: Callable[[Row], bool]) -> None:
    hits = {row["id"]: hit(row) for row in rows}
    low, high = wilson(sum(hits.values()), len(rows))
    macro = mean(mean(hits[row["id"]] for row in group) for group in by_cluster(rows).values())
    count = f"{sum(hits.values()):>3} of {len(rows):<3} [{low:.0%} to {high:.0%}]"
    print(f"  {name:<48}{count}   mean over clusters {macro:.0%}")


def text_of(row: Row) -> QuestionText:
    return QuestionText(title=row["title"], situation=row["question"], language=row["language"])


def ordered(row: Row, known: tuple[OfferingText, ...]) -> list[str]:
    """Every offering, best first. Terms play no part: the questions are from the past."""
    question = text_of(row)
    scores = fits(question, known, disciplines_of(question.title, question.body))
    return sorted((one.id for one in known), key=lambda one: (-scores.get(one, 0.0), one))


def programmes(name: str, rows: Sequence[Row], order: dict[str, list[str]]) -> None:
    def among(first: int) -> Callable[[Row], bool]:
        return lambda row: bool(takers(row) & {*order[row["id"]][:first]})

    print(f"\n{name}")
    tell("hit@1, the one that really took it up", rows, lambda row: order[row["id"]][0] == primary(row))
    for first in (1, 3, 5):
        tell(f"hit@{first}, that one or a near equivalent", rows, among(first))


def primary(row: Row) -> str:
    return str(row["actual"]["primary_catalogue_id"])


def takers(row: Row) -> set[str]:
    return set(row["actual"]["catalogue_ids"])


def worth(row: Row, order: Sequence[str]) -> float:
    """What weights are chosen by: hits at 1, 3 and 5 and the reciprocal rank."""
    first = min(place for place, one in enumerate(order, start=1) if one in takers(row))
    return mean((order[0] == primary(row), first <= 1, first <= 3, first <= 5, 1 / first))


def orders_by_setting(
    settings: Sequence[dict[str, float]], rows: Sequence[Row], known: tuple[OfferingText, ...]
) -> list[dict[str, list[str]]]:
    before = {name: getattr(weights, name) for name in GRID}
    orders = []
    for setting in (*settings, before):
        for name, value in setting.items():
            setattr(weights, name, value)
        orders.append({row["id"]: ordered(row, known) for row in rows})
    return orders[:-1]


def cross_validated(rows: Sequence[Row], known: tuple[OfferingText, ...]) -> None:
    """Each cluster ranked with the weights that are best on all others."""
    settings = [dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())]
    orders = orders_by_setting(settings, rows, known)
    groups = by_cluster(rows)
    means = [
        {key: mean(worth(row, order[row["id"]]) for row in group) for key, group in groups.items()} for order in orders
    ]
    totals = [sum(one.values()) for one in means]
    chosen = {key: max(range(len(settings)), key=[total - one[key] for total, one in zip(totals, means, strict=True)]
                       .__getitem__) for key in groups}  # fmt: skip
    order = {row["id"]: orders[chosen[key]][row["id"]] for key, group in groups.items() for row in group}
    programmes("The same, weights chosen without the question's own cluster", rows, order)
    for n in sorted(set(chosen.values())):
        print(f"  {settings[n]}: chosen for {sum(one == n for one in chosen.values())} of {len(groups)} clusters")
    print(f"  in use: { {name: getattr(weights, name) for name in GRID} }")


def labels(row: Row) -> set[str]:
    return set(row["actual"]["disciplines"])


def disciplines(rows: Sequence[Row], offered: Sequence[OfferingText], order: dict[str, list[str]]) -> None:
    about = {one.id: {*one.disciplines} for one in offered}
    print("\nDiscipline: one of the labels is")
    known = [row for row in rows if row["actual"]["label_level"] not in ("institution", "none")]
    strict = [row for row in known if row["actual"]["label_confidence"] != "discipline_assumed"]

    def hit(row: Row) -> bool:
        question = text_of(row)
        return bool({*list(disciplines_of(question.title, question.body))[:3]} & labels(row))

    tell("among the three likeliest of the text", known, hit)
    tell("the same, without assumed labels", strict, hit)
    tell("a discipline of the offering ranked first", known, lambda row: bool(about[order[row["id"]][0]] & labels(row)))


def routing(rows: Sequence[Row]) -> None:
    """Would the number of disciplines in the text tell a question for a format from one for a programme?"""
    known = [row for row in rows if row["actual"]["label_level"] in ("form", "programme", "discipline")]
    breadth = {}
    for row in known:
        question = text_of(row)
        breadth[row["id"]] = sum(disciplines_of(question.title, question.body).values())
    formats = [breadth[row["id"]] for row in known if row["actual"]["label_level"] == "form"]
    others = [breadth[row["id"]] for row in known if row["actual"]["label_level"] != "form"]
    pairs = [(one > other) + (one == other) / 2 for one in formats for other in others]
    print(f"\nRouting: chance that a question for a format looks broader than one for a programme: {mean(pairs):.2f}"
          f" ({len(formats)} against {len(others)}; 0.50 is no better than a coin)")  # fmt: skip


def likeness(rows: Sequence[Row]) -> None:
    series = [
        row for row in rows if row["cluster"] and row["cluster"] not in ("oregon", "leiden-lmds", "autumn-challenge")
    ]
    known = Earlier()
    for row in rows:
        known.learn(row["id"], text_of(row))
    cluster = {row["id"]: row["cluster"] for row in rows}

    def among(first: int) -> Callable[[Row], bool]:
        return lambda row: any(
            cluster[one.ref] == row["cluster"] for one in known.like(text_of(row), first, but=row["id"], least=0)
        )

    print("\nSimilar questions: one of the same subject is among the first n (series on one subject only)")
    for first in (1, 3):
        tell(f"hit@{first}", series, among(first))


def speed(rows: Sequence[Row], known: tuple[OfferingText, ...], terms: Sequence[Term], many: int = 10_000) -> None:
    texts = [text_of(row) for row in rows]
    rank(texts[0], known, date(2026, 11, 24), None, terms)
    started = time.perf_counter()
    for text in texts:
        rank(text, known, date(2026, 11, 24), None, terms)
    each = (time.perf_counter() - started) / len(texts) * 1000
    print(f"\nSpeed: ranking {len(known)} offerings takes {each:.1f} ms a question")
    memory, started = Earlier(), time.perf_counter()
    for n in range(many):
        one, other = texts[n % len(texts)], texts[(n * 7 + n // len(texts)) % len(texts)]
        body = one.situation[: 200 + n % 200] + other.situation[n % 300 :]
        memory.learn(str(n), QuestionText(f"{one.title} {n}", body))
    learnt, started = time.perf_counter() - started, time.perf_counter()
    for text in texts:
        memory.like(text)
    each = (time.perf_counter() - started) / len(texts) * 1000
    print(f"  {many} questions are learnt in {learnt:.1f} s; finding similar ones among them takes {each:.0f} ms")


def main(path: Path) -> None:
    rows: list[Row] = yaml.safe_load(path.read_text(encoding="utf-8"))["questions"]
    city = read_city(CITY)
    known = tuple(offering_text(row) for row in offering_rows(city))
    print(f"{len(rows)} questions, {len(known)} offerings (historical ones too: old questions went to them)")
    order = {row["id"]: ordered(row, known) for row in rows}
    hard = [row for row in rows if row["actual"]["catalogue_ids_basis"] == "source"]
    soft = [row for row in rows if row["actual"]["catalogue_ids_basis"] in ("source", "inferred")]
    programmes("Programme, named in the source (hard)", hard, order)
    programmes("Programme, named or inferred (soft)", soft, order)
    cross_validated(soft, known)
    disciplines(rows, known, order)
    routing(rows)
    likeness(rows)
    speed(rows, known, [term(row) for row in period_rows(city)])


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say where the questions are: python bench/matching.py PATH/questions-open.yaml")
    main(Path(sys.argv[1]))

"""Which disciplines a text is about."""

from collections import Counter
from functools import lru_cache
from math import log
from pathlib import Path
from typing import TypedDict

import yaml

from matching.ngrams import ALIKE, resemblance, words

FILE = Path(__file__).parent / "disciplines.yaml"
TITLE = 3  # how often a word in the title counts


class Discipline(TypedDict):
    nl: str
    en: str
    words: list[str]


@lru_cache
def vocabulary() -> dict[str, Discipline]:
    """Every discipline with its name in Dutch and English and the words that give it away."""
    loaded: dict[str, Discipline] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


@lru_cache
def _known() -> dict[str, frozenset[str]]:
    return {
        name: frozenset(words(" ".join([row["nl"], row["en"], *row["words"]]))) for name, row in vocabulary().items()
    }


@lru_cache(maxsize=50_000)
def _evidence(word: str) -> dict[str, float]:
    """The disciplines that a word speaks for, the more strongly the fewer they are."""
    found = {name: max(resemblance(word, one) for one in known) for name, known in _known().items()}
    found = {name: best**2 for name, best in found.items() if best >= ALIKE}
    return {name: strength * log(1 + len(_known()) / len(found)) for name, strength in found.items()}


def disciplines_of(title: str, text: str) -> dict[str, float]:
    """Disciplines, likeliest first, each from 0 to 1 where the likeliest is 1; empty when the text says nothing."""
    counts = Counter(dict.fromkeys(words(title), TITLE))
    counts.update(words(text))
    scores: dict[str, float] = {}
    for word, count in counts.items():
        for name, strength in _evidence(word).items():
            scores[name] = scores.get(name, 0.0) + strength * (1 + log(count))
    top = max(scores.values(), default=0.0)
    ordered = sorted(scores, key=lambda name: (-scores[name], name))
    return {name: scores[name] / top for name in ordered}

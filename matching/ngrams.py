"""Texts compared by the pieces of their words: Dutch compounds share pieces where they share no word."""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log, sqrt
from pathlib import Path

STOP_WORDS = frozenset((Path(__file__).parent / "stop_words.txt").read_text(encoding="utf-8").split())
WORD = re.compile(r"[^\W_]{2,}")
SIZES = (3, 4, 5)
COMMON = 0.3  # a piece found in a larger share of many texts tells nothing
MANY = 200
ENOUGH = 25_000  # so many places are looked at for one text; the rarest pieces first, they tell most
ALIKE = 0.6  # from here on two words are taken for relatives


@lru_cache(maxsize=2_000)
def words(text: str) -> tuple[str, ...]:
    """The telling words of a Dutch or English text, in order, lower case, without accents."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(one))
    return tuple(word for word in WORD.findall(plain) if word not in STOP_WORDS)


@lru_cache(maxsize=100_000)
def pieces(word: str, sizes: tuple[int, ...] = SIZES) -> tuple[str, ...]:
    """The runs of letters of a word with its borders: `bus` → ` bu`, `bus`, `us `, ` bus`, …; a short word is one."""
    edged = f" {word} "
    if len(edged) < min(sizes):
        return (edged,)
    return tuple(edged[at : at + size] for size in sizes for at in range(len(edged) - size + 1))


def counted(parts: Iterable[tuple[str, float]], sizes: tuple[int, ...] = SIZES) -> dict[str, float]:
    """How often each piece occurs in texts that count for more or less: `[(title, 3), (body, 1)]`."""
    found: dict[str, float] = {}
    for text, weight in parts:
        for word in words(text):
            for piece in pieces(word, sizes):
                found[piece] = found.get(piece, 0.0) + weight
    return found


class Index:
    """Texts to be compared with. Grows by `add`; a text added again under the same id replaces the earlier one."""

    def __init__(self, sizes: tuple[int, ...] = SIZES) -> None:
        self.sizes = sizes
        self._ids: list[str | None] = []
        self._at: dict[str, int] = {}
        self._found: dict[str, tuple[array[int], array[float]]] = {}

    def __len__(self) -> int:
        return len(self._at)

    def add(self, key: str, parts: Iterable[tuple[str, float]]) -> None:
        """Take in a text, given as parts with their weights."""
        if key in self._at:
            self._ids[self._at[key]] = None
        weights = {piece: 1 + log(max(count, 1.0)) for piece, count in counted(parts, self.sizes).items()}
        length = sqrt(sum(weight * weight for weight in weights.values()))
        self._at[key] = len(self._ids)
        for piece, weight in weights.items():
            where, heavy = self._found.setdefault(piece, (array("I"), array("f")))
            where.append(len(self._ids))
            heavy.append(weight / length)
        self._ids.append(key)

    def scores(self, parts: Iterable[tuple[str, float]], least: float = 0.0) -> dict[str, float]:
        """How much each text resembles this one, 0 to 1; those that share nothing, or less, are left out."""
        asked = {piece: (1 + log(max(count, 1.0))) * self._rarity(piece)
                 for piece, count in counted(parts, self.sizes).items() if piece in self._found}  # fmt: skip
        asked = self._telling(asked)
        length = sqrt(sum(weight * weight for weight in asked.values()))
        sums, floor = [0.0] * len(self._ids), least * length
        for piece, weight in asked.items():
            for at, heavy in zip(*self._found[piece], strict=True) if weight else ():
                sums[at] += weight * heavy
        near = [(at, total) for at, total in enumerate(sums) if total and total >= floor]
        return {key: min(total / length, 1.0) for at, total in near if (key := self._ids[at]) is not None}

    def _telling(self, asked: dict[str, float]) -> dict[str, float]:
        """The rarest pieces, up to what may be looked at: a hundred times as many texts take no longer."""
        kept: dict[str, float] = {}
        left = ENOUGH
        for piece in sorted(asked, key=lambda one: len(self._found[one][0])):
            left -= len(self._found[piece][0])
            if left < 0 and kept:
                break
            kept[piece] = asked[piece]
        return kept

    def _rarity(self, piece: str) -> float:
        count = len(self._found[piece][0])
        if len(self._ids) > MANY and count > COMMON * len(self._ids):
            return 0.0
        return log(1 + len(self._ids) / count)


@lru_cache(maxsize=50_000)
def _quads(word: str) -> frozenset[str]:
    return frozenset(pieces(word, (4,)))


def resemblance(word: str, other: str) -> float:
    """How much of the shorter word is in the other, 0 to 1: `fiets` in `fietspad` 0.75, `bus` in `business` 0.5."""
    own, its = _quads(word), _quads(other)
    return len(own & its) / min(len(own), len(its))


def shared_words(asked: str, offered: Sequence[str], most: int = 4) -> tuple[str, ...]:
    """The words of `asked` that resemble words of `offered`, strongest first: `fietsenstalling` for `fiets`."""
    targets = {word for text in offered for word in words(text)}
    quads = frozenset().union(*map(_quads, targets))
    near = [word for word in dict.fromkeys(words(asked)) if not quads.isdisjoint(_quads(word))]
    best = {word: max(resemblance(word, one) for one in targets) for word in near}
    found = [word for word, strength in best.items() if strength >= ALIKE]
    return tuple(sorted(found, key=lambda word: (-best[word] * len(word), word))[:most])

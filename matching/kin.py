"""Words of a question met by words of an offering, relatives included: `fietsenstalling` meets `fiets`."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import log

from matching.ngrams import ALIKE, pieces, resemblance, words

LONG = 4  # a shorter word has no relatives: it must be the very word
MILD = 0.4  # how much a text with many words is held back
BEST = 2.2  # a word that is found again and again counts at most so much more


class Kin:
    """Texts by their words, each word worth the more the fewer texts know a relative of it (as BM25 counts)."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        own = {key: set(words(" ".join(parts))) for key, parts in texts.items()}
        mean = sum(map(len, own.values())) / max(len(own), 1)
        self._held_back = {key: (max(len(one), 1) / max(mean, 1)) ** MILD for key, one in own.items()}
        self._texts: dict[str, list[str]] = {}
        self._quads: dict[str, list[str]] = {}
        for key, known in own.items():
            for word in known:
                self._texts.setdefault(word, []).append(key)
        for word in self._texts:
            for quad in set(pieces(word, (4,))):
                self._quads.setdefault(quad, []).append(word)
        self._hits = lru_cache(maxsize=20_000)(self._find)

    def _find(self, word: str) -> dict[str, float]:
        """The texts with this word or a relative, each with what that is worth."""
        if len(word) < LONG:
            near = {word: 1.0} if word in self._texts else {}
        else:
            likely = {one for quad in set(pieces(word, (4,))) for one in self._quads.get(quad, ()) if len(one) >= LONG}
            near = {one: kin for one in likely if (kin := resemblance(word, one)) >= ALIKE}
        best: dict[str, float] = {}
        for one, kin in near.items():
            for key in self._texts[one]:
                best[key] = max(best.get(key, 0.0), kin * kin)
        rarity = log(1 + (len(self._held_back) - len(best) + 0.5) / (len(best) + 0.5))
        return {key: worth * rarity / self._held_back[key] for key, worth in best.items()}

    def scores(self, title: str, body: str, title_weight: float) -> dict[str, float]:
        """How well each text meets a question, the best 1; those that share nothing are left out."""
        counts: Counter[str] = Counter(words(body))
        found: dict[str, float] = {}
        asked = {word: float(count) for word, count in counts.items()}
        for word in set(words(title)):
            asked[word] = asked.get(word, 0.0) + title_weight
        for word in sorted(asked):
            for key, worth in self._hits(word).items():
                found[key] = found.get(key, 0.0) + worth * min(1 + log(asked[word]), BEST)
        top = max(found.values(), default=0.0)
        return {key: value / top for key, value in found.items()} if top else {}

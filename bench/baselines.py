"""What ours must beat: plain BM25 over words, and plain TF-IDF over runs of letters."""

from collections import Counter
from collections.abc import Sequence
from math import log

from matching.ngrams import Index, words
from matching.offerings import QuestionText
from matching.terms import OfferingText


def _text(one: OfferingText) -> str:
    return " ".join((*one.names, *one.keywords))


class Bm25:
    """Okapi BM25 with the usual constants."""

    def __init__(self, offered: Sequence[OfferingText]) -> None:
        self.texts = {one.id: Counter(words(_text(one))) for one in offered}
        self.mean = sum(text.total() for text in self.texts.values()) / len(self.texts)
        self.known = Counter(word for text in self.texts.values() for word in text)

    def scores(self, question: QuestionText) -> dict[str, float]:
        asked = set(words(f"{question.title} {question.body}")) & self.known.keys()
        return {key: sum(self._worth(word, text) for word in asked) for key, text in self.texts.items()}

    def _worth(self, word: str, text: Counter[str], k: float = 1.2, b: float = 0.75) -> float:
        count, often = text[word], self.known[word]
        rarity = log(1 + (len(self.texts) - often + 0.5) / (often + 0.5))
        return rarity * count * (k + 1) / (count + k * (1 - b + b * text.total() / self.mean))


class Ngrams:
    """Cosine of TF-IDF over runs of three to five letters."""

    def __init__(self, offered: Sequence[OfferingText]) -> None:
        self.index = Index()
        for one in offered:
            self.index.add(one.id, [(_text(one), 1.0)])

    def scores(self, question: QuestionText) -> dict[str, float]:
        return self.index.scores([(f"{question.title} {question.body}", 1.0)])

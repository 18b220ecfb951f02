"""Earlier questions that resemble a new one."""

from collections.abc import Sequence
from dataclasses import dataclass

from matching.ngrams import Index, shared_words
from matching.offerings import QuestionText

SIZES = (5,)  # as good as 3 to 5 on whole questions, at a third of the memory
TITLE = 3.0  # how much more a word in the title says
LEAST = 0.12  # below this two questions share no more than chance


@dataclass(frozen=True, slots=True)
class Likeness:
    """An earlier question: `score` 0 to 1, and the words of the new one that they share."""

    ref: str
    score: float
    words: tuple[str, ...]


class Earlier:
    """The questions there have been. Kept in memory and fed with what is new, so that nothing is read twice."""

    def __init__(self) -> None:
        self._index = Index(SIZES)
        self._texts: dict[str, QuestionText] = {}

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, ref: str) -> bool:
        return ref in self._texts

    def learn(self, ref: str, question: QuestionText) -> None:
        """Take in a question; one that has changed replaces its earlier text."""
        if self._texts.get(ref) != question:
            self._texts[ref] = question
            self._index.add(ref, _parts(question))

    def like(self, question: QuestionText, most: int = 5, but: str = "", least: float = LEAST) -> list[Likeness]:
        """The questions most like this one, best first, without `but` (its own reference)."""
        scores = self._index.scores(_parts(question), least)
        near = [(-score, ref) for ref, score in scores.items() if ref != but]
        text = f"{question.title} {question.body}"
        return [
            Likeness(ref, round(-score, 4), shared_words(text, (self._texts[ref].title, self._texts[ref].body)))
            for score, ref in sorted(near)[:most]
        ]


def similar(
    question: QuestionText, earlier: Sequence[tuple[str, QuestionText]], most: int = 5, least: float = LEAST
) -> list[Likeness]:
    """As `Earlier.like`, for a handful of questions at once."""
    known = Earlier()
    for ref, text in earlier:
        known.learn(ref, text)
    return known.like(question, most, least=least)


def _parts(question: QuestionText) -> list[tuple[str, float]]:
    return [(question.title, TITLE), (question.body, 1.0)]

"""Whether a text reads easily: Dutch at level B1, plain English. What that means in figures stands in texts/plain.yaml.

Measured is what a reader gets: the text is put on paper for each role, without the words that people filled in.
`python -m notifications.readability` tells of every text of the release; a test holds it to that.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pyphen import Pyphen

from notifications.facts import complete
from notifications.gallery import example, roles
from notifications.grammar import Problem
from notifications.letters import environments, letters, spoken, written
from notifications.markup import CONTROL, Source

HERE = Path(__file__).parent / "texts"
PROSE = frozenset({"paragraph", "list", "hint", "heading"})
DICTIONARIES = {"nl": "nl_NL", "en": "en_GB"}
EASE = {"nl": (206.84, 0.93, 77.0), "en": (206.835, 1.015, 84.6)}  # Douma, Flesch
PIECE = re.compile(r"⟦(\d+) (\w+)⟧([^⟦]*)")
SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)]*\s+(?=[\"“‘(]*[A-ZÀ-Ý0-9])")
WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
ELSEWHERE = re.compile(r"\S+@\S+|https?://\S+|\[\[.*?\]\]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it is read; `line` is where its piece begins in the text."""

    line: int
    words: tuple[str, ...]
    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """A text in figures."""

    sentences: int
    mean_sentence: float
    reading_ease: float
    passive_share: float


@lru_cache
def plain_language(language: str) -> Mapping[str, Any]:
    """What is plain, in figures and words."""
    read: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "plain.yaml").read_text("utf-8"))
    return read[language]


def remarks(name: str, language: str, text: str) -> list[Problem]:
    """What makes a text hard to read, by line; of the text as a whole last. The text must be sound."""
    language = spoken(language)
    read = sentences(name, language, text)
    found = dict.fromkeys(one for sentence in read for one in hard(sentence, language))
    left = [one for one in found if not any(excepted(one, row, name, language) for row in exceptions())]
    return [*left, *_as_a_whole(figures(read, language), language)]


@lru_cache
def exceptions() -> tuple[Mapping[str, str], ...]:
    """What stays although it reads less easily, each with its reason."""
    return tuple(yaml.safe_load((HERE / "exceptions.yaml").read_text("utf-8")))


def excepted(problem: Problem, row: Mapping[str, str], name: str, language: str) -> bool:
    """Whether this row means this problem."""
    return (row["letter"], row["language"]) == (name, language) and row["words"] in problem.what


def _as_a_whole(seen: Figures, language: str) -> Iterator[Problem]:
    limits = plain_language(language)
    if seen.mean_sentence > limits["mean_sentence"]:
        yield Problem(0, "read_sentences", f"{seen.mean_sentence:.1f}")
    if seen.reading_ease < limits["reading_ease"]:
        yield Problem(0, "read_ease", f"{seen.reading_ease:.0f}")
    if seen.passive_share > limits["passive_share"]:
        yield Problem(0, "read_passive", f"{seen.passive_share:.0%}")


def hard(sentence: Sentence, language: str) -> Iterator[Problem]:
    """What is hard in one sentence."""
    limits = plain_language(language)
    if len(sentence.words) > limits["longest_sentence"]:
        yield Problem(
            sentence.line, "read_long_sentence", f"“{' '.join(sentence.words[:5])} …” ({len(sentence.words)})"
        )
    for word in sentence.words:
        long = len(word) >= limits["letters"] or syllables(word, language) >= limits["syllables"]
        if long and word.lower() not in limits["known"] and not word[0].isupper():
            yield Problem(sentence.line, "read_hard_word", word)
    for office, plain in limits["office"].items():
        if re.search(rf"\b{office}\b", sentence.text, re.IGNORECASE):
            yield Problem(sentence.line, "read_office_word", f"{office} → {plain}")


def figures(read: Iterable[Sentence], language: str) -> Figures:
    """A text in figures; its headings do not count."""
    whole = [one for one in read if not one.heading and one.words]
    count = sum(len(one.words) for one in whole)
    if not count:
        return Figures(0, 0, 100, 0)
    start, by_sentence, by_word = EASE[language]
    spoken_parts = sum(syllables(word, language) for one in whole for word in one.words)
    ease = start - by_sentence * count / len(whole) - by_word * spoken_parts / count
    passive = re.compile(plain_language(language)["passive"], re.IGNORECASE)
    share = sum(bool(passive.search(one.text)) for one in whole) / len(whole)
    return Figures(len(whole), count / len(whole), ease, share)


@lru_cache(maxsize=4096)
def syllables(word: str, language: str) -> int:
    """As many as the word can be broken into, which is close."""
    return len(_dictionary(language).positions(word.lower())) + 1


@lru_cache
def _dictionary(language: str) -> Any:
    return Pyphen(lang=DICTIONARIES[language])


def sentences(name: str, language: str, text: str) -> list[Sentence]:
    """The sentences of our own in a letter, over all roles that get it."""
    found: dict[tuple[int, str], Sentence] = {}
    template = environments(language)[0].from_string(_prose(text.partition("\n")[2]))
    for role in roles(name):
        facts = example(name, language, role) | {"title": "X"}
        beside = {"also": [], "roles": [], "mail": "x", "at": {one["ref"]: "x" for one in facts.get("questions", ())}}
        read = template.render({**complete(name, facts), **beside, "action": "x", "personal": True, "status": "x"})
        for line, kind, words in PIECE.findall(read):
            for one in split(words, int(line) + 1, heading=kind == "heading"):
                found.setdefault((one.line, one.text), one)
    return [one for _, one in sorted(found.items())]


def split(text: str, line: int = 0, *, heading: bool = False) -> list[Sentence]:
    """A piece in sentences."""
    said = " ".join(ELSEWHERE.sub("", text).split())
    made = [Sentence(line, tuple(WORD.findall(one)), one, heading) for one in SENTENCE.split(said)]
    return [one for one in made if one.words]


def _prose(body: str) -> str:
    """The template of what is ours to say, each piece with its line; rows and quotes hold words of others."""
    source, pieces = Source(body), []
    for block in source.blocks():
        if block.kind == "control":
            pieces += block.lines
        elif block.kind == "list":
            pieces += [
                line if CONTROL.fullmatch(line) else f"⟦{block.at + offset} list⟧{line}"
                for offset, line in enumerate(block.lines)
            ]
        elif block.kind in PROSE:
            pieces.append(f"⟦{block.at} {block.kind}⟧" + " ".join(block.lines))
    return source.restore("\n".join(pieces))


def main() -> None:
    """Tell of every text of the release."""
    for language in DICTIONARIES:
        for name in sorted(letters()):
            seen = figures(sentences(name, language, written(name, language)), language)
            print(f"{language} {name:22} {seen.sentences:3} sentences of {seen.mean_sentence:4.1f} words, "  # noqa: T201
                  f"ease {seen.reading_ease:3.0f}, passive {seen.passive_share:4.0%}")  # fmt: skip
            for one in remarks(name, language, written(name, language)):
                print(f"    line {one.line}: {one.code} {one.what}")  # noqa: T201


if __name__ == "__main__":
    main()

"""How the texts of a letter stand: what is live, whether it is the city's own, whether the release has moved on."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from intake.access import NotForYou
from intake.fields import message
from intake.mail_care import CARERS
from intake.sight import Reader
from intake.trouble import NotFound
from notifications.checking import plain, problems
from notifications.grammar import Problem
from notifications.letters import LANGUAGES, editable, written
from notifications.readability import remarks
from schemas.letter_texts import LetterText
from schemas.needs import Fault

FIRST, LONGEST_QUOTE = ("nl", "en"), 80
SPOKEN = tuple(sorted(LANGUAGES, key=lambda one: FIRST.index(one) if one in FIRST else len(FIRST)))
Texts = Mapping[str, str]


@dataclass(frozen=True)
class Standing:
    """The texts of one letter as they are now."""

    name: str
    live: LetterText | None

    @property
    def version(self) -> int:
        return self.live.version if self.live else 0

    @property
    def texts(self) -> dict[str, str]:
        """What would be sent, by language."""
        return {language: self.own.get(language) or release_of(self.name)[language] for language in SPOKEN}

    @property
    def own(self) -> Texts:
        return self.live.texts if self.live else {}

    @property
    def moved(self) -> dict[str, str]:
        """The release's text at the time, by language, where the release has another one by now."""
        then = self.live.release if self.live else {}
        now = release_of(self.name)
        return {language: then[language] for language in self.own if then.get(language, now[language]) != now[language]}

    @property
    def broken(self) -> Mapping[str, list[Problem]]:
        """What keeps the city's text from being used by this release."""
        return verdict(self.name, tuple(self.texts.items())) if self.own else {}


def check_author(reader: Reader, name: str | None = None) -> None:
    """Texts are the coordinators' and administrators'. Raises NotForYou; NotFound for a letter that is none."""
    if not reader.roles & CARERS:
        raise NotForYou
    if name is not None and name not in editable():
        raise NotFound("page")


@lru_cache
def release_of(name: str) -> dict[str, str]:
    """The texts of this release, by language."""
    return {language: plain(written(name, language)) for language in SPOKEN}


@lru_cache(maxsize=256)
def verdict(name: str, texts: tuple[tuple[str, str], ...]) -> Mapping[str, list[Problem]]:
    """What is wrong with these texts, by language. Kept, for a text is looked at more often than it changes."""
    return problems(name, dict(texts))


def differing(name: str, texts: Texts) -> dict[str, str]:
    """The texts that are not the release's."""
    return {language: text for language, text in texts.items() if text != release_of(name)[language]}


def faults_in(name: str, texts: Texts) -> list[Fault]:
    """Everything that keeps these texts from becoming letters; a field is a language and a line: `nl.4`."""
    found = verdict(name, tuple(texts.items()))
    return [Fault(f"{language}.{one.line}", one.code, one.what) for language in found for one in found[language]]


def remarks_on(name: str, texts: Texts) -> list[Fault]:
    """What makes these texts hard to read: told, and no reason to refuse."""
    return [Fault(f"{language}.{one.line}", one.code, one.what) for language, text in texts.items()
            for one in remarks(name, language, text)]  # fmt: skip


def told(faults: list[Fault], texts: Texts, language: str) -> dict[str, list[dict[str, object]]]:
    """Faults by the language of their text: the number of the line, what stands there, what is wrong with it."""
    found: dict[str, list[dict[str, object]]] = {one: [] for one in SPOKEN}
    for fault in faults:
        where, _, number = fault.field.partition(".")
        lines = texts.get(where, "").split("\n")
        line = int(number or 0)
        quoted = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        said = message(language, Fault(fault.field, fault.code, fault.limit))
        found.setdefault(where, []).append(
            {
                "line": line,
                "quoted": quoted if len(quoted) <= LONGEST_QUOTE else quoted[: LONGEST_QUOTE - 1] + "…",
                "text": said,
            }
        )
    return found

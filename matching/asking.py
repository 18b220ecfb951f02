"""Help to ask well: what would make a question more complete, and where it prescribes its own answer."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from matching.ngrams import WORD

FILE = Path(__file__).parent / "asking.yaml"
EXAMPLES = Path(__file__).parent / "examples.yaml"
TEXTS = ("title", "situation", "wanted", "use")
Form = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the things that help are there, and the names and words of those that are not."""

    there: int
    of: int
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A place where a question prescribes its answer, and how it could be asked openly."""

    rule: str
    found: str
    advice: str


@lru_cache
def rules() -> dict[str, list[dict[str, Any]]]:
    """The rules as written."""
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def completeness(form: Form, language: str) -> Completeness:
    """What would still help, most helpful first."""
    every = rules()["complete"]
    missing = tuple((str(one["id"]), _said(one, language)) for one in every if not _there(one, form))
    return Completeness(len(every) - len(missing), len(every), missing)


def _there(rule: Mapping[str, Any], form: Form) -> bool:
    if "least" in rule:
        return len(WORD.findall(str(form.get(rule["field"]) or ""))) >= int(rule["least"])
    if "given" in rule:
        return bool(form.get(rule["given"]))
    return bool(form.get(rule.get("field_given", ""))) or re.search(rule["any"], _text(form)) is not None


def remarks(form: Form, language: str) -> list[Remark]:
    """Where the question prescribes its answer; usually nowhere."""
    found: list[Remark] = []
    for rule in rules()["open"]:
        text = str(form.get("title") or "").lower().strip() if rule.get("only") == "title" else _text(form)
        hit = re.search(rule["find"], text)
        if hit and not any(one.found in hit[0] or hit[0] in one.found for one in found):
            found.append(Remark(rule["id"], hit[0], _said(rule, language).format(found=hit[0])))
    return found


def _said(rule: Mapping[str, Any], language: str) -> str:
    return str(rule["nl" if language == "nl" else "en"])


def _text(form: Form) -> str:
    return "\n".join(str(form.get(name) or "") for name in TEXTS).lower()


@lru_cache
def _examples() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))
    return loaded


def example_near(about: Iterable[str], language: str) -> str:
    """An open question near the topic: of the likeliest discipline that has one; empty when the text says nothing."""
    near = next((_examples()[name] for name in about if name in _examples()), None)
    return _said(near, language) if near else ""

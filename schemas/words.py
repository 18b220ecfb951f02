"""The process in people's words, per language: labels of states, steps, needs and choices, and what each asks."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "words"
DEFAULT = "nl"


@lru_cache
def words(language: str) -> dict[str, Any]:
    """All words of a language. Raises FileNotFoundError for one that is not there."""
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))
    return loaded


@lru_cache
def languages() -> tuple[str, ...]:
    """The languages that there are words for, Dutch first."""
    return tuple(sorted((path.stem for path in FOLDER.glob("*.yaml")), key=lambda name: (name != DEFAULT, name)))


def word(language: str, path: str) -> str:
    """`word("nl", "states.screening.label")`. Raises KeyError when it is missing: a test walks all of them."""
    found: Any = words(language if language in languages() else DEFAULT)
    for key in path.split("."):
        found = found[key]
    return str(found)


def choice_label(language: str, need: str, choice: str) -> str:
    """The label of a choice, or the choice itself when it is free text or a name."""
    labels = words(language if language in languages() else DEFAULT)["needs"].get(need, {}).get("choices", {})
    return str(labels.get(choice, choice))

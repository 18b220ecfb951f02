"""Letters written once for each way in which they can be written: the words matter to nobody here, their price does."""

from collections.abc import Mapping
from typing import Any

from notifications.letters import Rendered, render

KEPT: dict[Any, Rendered] = {}


def written(
    name: str, language: str, facts: Mapping[str, Any], links: Mapping[str, str], own: str | None = None
) -> Rendered:
    """As `render`, asked once for each letter, language and set of facts: one that lacks a fact still fails."""
    also = tuple((one["letter"], *sorted(one["facts"])) for one in facts.get("also") or ())
    there = frozenset(what for what, value in facts.items() if value is not None)
    kind = (name, language, own, there, frozenset(facts), also, frozenset(links))
    if kind not in KEPT:
        KEPT[kind] = render(name, language, facts, links, own)
    return KEPT[kind]

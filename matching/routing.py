"""Which kind of education suits a question, by how many disciplines it is about. The rule is the city's data."""

from collections.abc import Mapping, Sequence
from typing import Any

CLEAR = 0.5  # a discipline counts when it is at least half as likely as the likeliest
BROAD = "interdisciplinary"
# Where a city says nothing: one discipline to a programme, several to a minor, many or all at once to a challenge.
RULE: Sequence[Mapping[str, Any]] = (
    {"up_to": 1, "route": "programme"}, {"up_to": 3, "route": "minor"}, {"route": "challenge"},
)  # fmt: skip


def breadth(about: Mapping[str, float]) -> list[str]:
    """The disciplines that a question is clearly about."""
    return [name for name, likely in about.items() if likely >= CLEAR]


def advised(about: Mapping[str, float], rule: Sequence[Mapping[str, Any]] = RULE) -> tuple[str, list[str]]:
    """The route that the rule advises and the disciplines behind it; no route when the text says nothing."""
    found = breadth(about)
    if not found:
        return "", []
    count = len(found) if BROAD not in found else max(len(found), 1 + max(int(row.get("up_to") or 0) for row in rule))
    row = next((row for row in rule if count <= int(row.get("up_to") or count)), None)
    return (str(row["route"]) if row else ""), found

"""Real questions with what really took them up: which are held back, and what counts as found at which level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from matching.offerings import QuestionText
from matching.terms import OfferingText

KNOWN = ("source", "inferred", "form only")  # how a label came about; the others name no taker
LEVELS = ("institution", "school", "offering", "offering or near equivalent")


@dataclass(frozen=True)
class Truth:
    """One question. `group`: questions of one series are never on both sides of a split."""

    id: str
    group: str
    text: QuestionText
    institutions: frozenset[str]
    primary: str
    near: frozenset[str]
    disciplines: frozenset[str]
    label: str

    @property
    def held_back(self) -> bool:
        """Fixed for ever by the name of its series: these were never looked at while choosing anything."""
        return int(sha256(self.group.encode()).hexdigest(), 16) % 4 == 2


def truths(place: Path, offered: Sequence[OfferingText]) -> list[Truth]:
    """The questions of `questions-open.yaml` in a folder (or that file itself)."""
    file = place / "questions-open.yaml" if place.is_dir() else place
    houses = {one.institution for one in offered}
    ids = {one.id for one in offered}
    return [_truth(row, houses, ids) for row in yaml.safe_load(file.read_text(encoding="utf-8"))["questions"]]


def _truth(row: Mapping[str, Any], houses: set[str], ids: set[str]) -> Truth:
    actual = row["actual"]
    sure = actual["catalogue_ids_basis"] in KNOWN and actual["primary_catalogue_id"] in ids
    return Truth(
        row["id"], row["cluster"] or row["id"],
        QuestionText(title=row["title"], situation=row["question"], language=row["language"]),
        frozenset(actual["institutions"]) & houses,
        actual["primary_catalogue_id"] if sure else "",
        frozenset(actual["catalogue_ids"]) & ids if sure else frozenset(),
        frozenset(actual["disciplines"]), actual["label_level"],
    )  # fmt: skip


def ranks(one: Truth, scores: Mapping[str, float], offered: Iterable[OfferingText], houses: int) -> dict[str, int]:
    """At which place what took it up stands, per level that is known of this question."""
    ordered = sorted(offered, key=lambda row: (-scores.get(row.id, 0.0), row.id))
    found: dict[str, int] = {}
    if 0 < len(one.institutions) < houses:
        order = list(dict.fromkeys(row.institution for row in ordered))
        found["institution"] = min(order.index(house) for house in one.institutions) + 1
    if one.primary:
        ids, schools = [row.id for row in ordered], list(dict.fromkeys(row.unit for row in ordered))
        own = next(row.unit for row in ordered if row.id == one.primary)
        found["school"] = schools.index(own) + 1
        found["offering"] = ids.index(one.primary) + 1
        found["offering or near equivalent"] = min(ids.index(near) for near in one.near) + 1
    return found

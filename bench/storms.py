"""The page of the storms: what their counts add up to, put between two marks of a page that says the rest."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.machine import described

BETWEEN = re.compile(r"(<!-- storms -->\n).*?(<!-- /storms -->)", re.DOTALL)


def page(at: Path, counts: Counter[str], seeds: Sequence[int], pause: Sequence[float]) -> None:
    """Put the counts into the page. Raises ValueError when it has no place for them."""
    before = at.read_text(encoding="utf-8")
    after, places = BETWEEN.subn(lambda found: found[1] + section(counts, seeds, pause) + found[2], before)
    if not places:
        raise ValueError(f"{at} has no place for the storms")
    at.write_text(after, encoding="utf-8")


def section(counts: Counter[str], seeds: Sequence[int], pause: Sequence[float]) -> str:
    """When, where and what."""
    first, last = pause
    rows = "\n".join(f"| {what} | {count:,} |" for what, count in counts.items())
    return f"""Measured with `python -m bench.faults`, seed {", ".join(map(str, seeds))}, the database stopped every
{first:g} to {last:g} seconds. Written on {described()}.

| what | how many |
|---|---:|
{rows}
"""

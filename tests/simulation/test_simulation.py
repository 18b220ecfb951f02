"""Simulations by seed: whatever people, clocks, mail servers and dying processes do, in the end nothing is lost.

`python -m tests.simulation --seed N` plays one again, exactly as it was. In every run: two hundred small ones, in each
of which processes die more often. At night: two hundred of ten questions over half a year, and some of fifty.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.databases import ROOT

AT_ONCE = 2


def simulate(*args: str, **env: str) -> dict[str, dict[str, int] | list[str]]:
    """Some seeds in a process of their own: their hashes, and the counts of all."""
    command = [sys.executable, "-m", "tests.simulation", "--json", *args]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    said: dict[str, dict[str, int] | list[str]] = json.loads(done.stdout)
    return said


def many(seeds: int, questions: int, months: float, *more: str) -> Counter[str]:
    """The counts of so many seeds, two processes at a time."""
    share = seeds // AT_ONCE
    plan = ("--questions", str(questions), "--months", str(months), *more)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = [
            pool.submit(simulate, "--seed", str(1 + n * share), "--seeds", str(share), *plan) for n in range(AT_ONCE)
        ]
        total: Counter[str] = Counter()
        for part in parts:
            total.update(part.result()["counts"])  # type: ignore[arg-type]
    return total


def told(what: str, counts: Counter[str]) -> str:
    return f"{what}: " + ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def test_the_same_seed_is_the_same_life() -> None:
    """In another process, in which sets have another order; another seed is another life."""
    plan = ("--seed", "17", "--seeds", "2", "--questions", "2", "--months", "2")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        one, again = pool.map(lambda order: simulate(*plan, PYTHONHASHSEED=order), "12")
    assert one == again
    assert len(set(one["hashes"])) == 2


def test_two_hundred_small_ones(figure: Callable[[str], None]) -> None:
    counts = many(200, 1, 2, "--risk", "0.004", "--rudeness", "0.04")
    figure(told("200 seeds of 1 question and 2 months", counts))
    for what in ("runners that died", "web processes that died", "doubled", "texts open at a fault", "refused",
                 "misfortunes: clock", "misfortunes: post", "misfortunes: runners"):  # fmt: skip
        assert counts[what], f"no {what} in all of them"


@pytest.mark.nightly
def test_two_hundred_large_ones(figure: Callable[[str], None]) -> None:
    figure(told("200 seeds of 10 questions and 6 months", many(200, 10, 6)))


@pytest.mark.nightly
def test_fifty_questions_for_half_a_year(figure: Callable[[str], None]) -> None:
    figure(told("8 seeds of 50 questions and 6 months", many(8, 50, 6)))

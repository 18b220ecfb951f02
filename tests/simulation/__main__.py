"""`python -m tests.simulation --seed 17`: what happens in it, as counts and a hash; the same seed, the same hash."""

import argparse
import logging
import tempfile
import time
from collections import Counter
from pathlib import Path

import tests.conftest  # noqa: F401 - the settings of all tests
from tests.databases import sqlite_template
from tests.simulation.play import play
from tests.simulation.town import Place, Plan


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--seeds", type=int, default=1)
    asked.add_argument("--questions", type=int, default=50)
    asked.add_argument("--months", type=int, default=6)
    asked.add_argument("--home", type=Path, default=None, help="a directory in memory is fast")
    given = asked.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=given.home) as home:
        place = Place(sqlite_template(Path(home) / "template.db"), Path(home))
        total: Counter[str] = Counter()
        for seed in range(given.seed, given.seed + given.seeds):
            begun = time.perf_counter()
            played = play(place, Plan(seed, given.questions, given.months))
            print(seed, played.hash, f"{time.perf_counter() - begun:.1f} s", flush=True)  # noqa: T201
            total += played.counts
    print("\n".join(f"{count:>9} {what}" for what, count in sorted(total.items())))  # noqa: T201


if __name__ == "__main__":
    main()

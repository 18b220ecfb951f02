"""`python -m tests.simulation --seed 17`: what happens in it, as counts and a hash; the same seed, the same hash.

Fifty questions over half a year, unless asked otherwise; the database is kept in memory where that can be done.
"""

import argparse
import gc
import json
import logging
import tempfile
import time
from collections import Counter
from pathlib import Path

import tests.conftest  # noqa: F401 - the settings of all tests
from tests.databases import sqlite_template
from tests.simulation.play import Played, play
from tests.simulation.town import Place, Plan

MEMORY = Path("/dev/shm")  # noqa: S108


def arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--seeds", type=int, default=1, help="so many, from that one on")
    asked.add_argument("--questions", type=int, default=50)
    asked.add_argument("--months", type=float, default=6)
    asked.add_argument("--risk", type=float, default=0.002, help="of a process to die at any one boundary")
    asked.add_argument("--rudeness", type=float, default=0.02, help="of the mail server at any one phase")
    asked.add_argument("--home", type=Path, default=MEMORY if MEMORY.is_dir() else None)
    asked.add_argument("--json", action="store_true")
    return asked.parse_args()


def main() -> None:
    given = arguments()
    logging.disable(logging.CRITICAL)
    hashes, total = list[str](), Counter[str]()
    with tempfile.TemporaryDirectory(dir=given.home) as home:
        place = Place(sqlite_template(Path(home) / "template.db"), Path(home))
        gc.freeze()
        for seed in range(given.seed, given.seed + given.seeds):
            begun = time.perf_counter()
            played = one(place, Plan(seed, given.questions, given.months, given.risk, given.rudeness))
            hashes.append(played.hash)
            total.update(played.counts)
            if not given.json:
                print(seed, played.hash, f"{time.perf_counter() - begun:.1f} s", flush=True)  # noqa: T201
    if given.json:
        print(json.dumps({"hashes": hashes, "counts": total}))  # noqa: T201
    else:
        print("\n".join(f"{count:>9} {what}" for what, count in sorted(total.items())))  # noqa: T201


def one(place: Place, plan: Plan) -> Played:
    """Raises AssertionError, which names the seed."""
    try:
        return play(place, plan)
    except AssertionError as fault:
        raise AssertionError(f"{plan}: {fault}") from fault


if __name__ == "__main__":
    main()

"""A storm: questions are asked while the database, our processes and the mail server fail; then see what was lost.

    python -m bench.faults [--questions 1000] [--seed 1] [--pause 5 40] [--at-once 12] [--keep storms.jsonl]
    python -m bench.faults --sum storms.jsonl --write docs/faults.md

Starts a PostgreSQL cluster of its own, a Prefect server, two of web and a runner. While people ask, the database is
stopped in the middle (`immediate`) every 5 to 40 seconds, web and the runner are killed with -9 as often, the process
that works or its parent, and all connections to the mail server are reset every 1 to 8 seconds. Who gets no answer asks
again under the same key.
A long storm can be had in pieces by seed: each adds a line to a file, and the page is written from their sum.
Needs PostgreSQL's programs, and as root a user `postgres`.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path

from bench.storms import page

ZERO = (
    "questions lost", "questions doubled", "letters lost", "letters refused or still owed",
    "letters doubled in silence", "uncertain without a fault", "double advances",
    "clocks that differ from their replay", "answers 500",
)  # fmt: skip
SETTLES = 900.0  # seconds, and as many more as a tenth of the questions


def played(questions: int, seed: int, pause: tuple[float, float], at_once: int = 12) -> Counter[str]:
    """The counts."""
    import tests.conftest  # noqa: F401 - the settings of all tests
    from tests.faults.storm import Storm

    storm = Storm(seed, pause)
    try:
        storm.open()
        begun = time.monotonic()
        crowd = asyncio.run(storm.crowd())
        storm.rage()
        try:
            asyncio.run(crowd.ask(questions, storm.hit_all, at_once))
        finally:
            storm.calm()
        asked = time.monotonic() - begun
        asyncio.run(storm.settled(SETTLES + questions / 10))
        counts = asyncio.run(storm.counted(crowd))
        counts["seconds of asking"], counts["seconds until all was sent"] = int(asked), int(time.monotonic() - begun)
        return counts
    finally:
        storm.close()


def broken(counts: Counter[str]) -> list[str]:
    """The promises that were not kept."""
    found = [f"{counts[what]} {what}" for what in ZERO if counts[what]]
    if counts["questions acknowledged"] != counts["questions sent"]:
        found.append("not every question was acknowledged")
    if counts["letters uncertain"] > (most := in_hand(counts)):
        found.append(f"{counts['letters uncertain']} letters uncertain, where {most} were in hand")
    return found


def in_hand(counts: Counter[str]) -> int:
    """Letters in hand when a line or a runner broke; that each uncertain one was among them is judged one by one."""
    return sum(counts[what] for what in (
        "SMTP transactions open when a line broke", "answered, the line broke before the next",
        "stamped, the mail server had heard nothing yet",
    ))  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--questions", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--pause", type=float, nargs=2, default=(5.0, 40.0))
    asked.add_argument("--at-once", type=int, default=12, help="questions that are asked at the same time")
    asked.add_argument("--keep", type=Path, help="add a line with the counts to this file")
    asked.add_argument("--sum", type=Path, help="play nothing: judge the sum of the lines in this file")
    asked.add_argument("--write", type=Path, help="put the sum into this page")
    given = asked.parse_args()
    if given.sum:
        pieces = [json.loads(line) for line in given.sum.read_text(encoding="utf-8").splitlines()]
        seeds, counts = [one["seed"] for one in pieces], Counter[str]()
        for one in pieces:
            counts.update(one["counts"])
        if len(set(seeds)) < len(seeds):
            sys.exit(f"a seed stands there twice: {seeds}")
    else:
        seeds, counts = [given.seed], played(given.questions, given.seed, tuple(given.pause), given.at_once)
    print("\n".join(f"{count:>9,} {what}" for what, count in counts.items()))
    if given.keep:
        with given.keep.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"seed": given.seed, "counts": counts}) + "\n")
    if given.write:
        page(given.write, counts, seeds, given.pause)
    if found := broken(counts):
        sys.exit("not as promised: " + "; ".join(found))


if __name__ == "__main__":
    main()

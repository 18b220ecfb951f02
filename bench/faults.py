"""A storm: questions are asked while the database, our processes and the mail server fail; then see what was lost.

    python -m bench.faults [--questions 1000] [--seed 1] [--pause 5 40] [--write docs/faults.md]

Starts a PostgreSQL cluster of its own, a Prefect server, two web processes and a runner. While people ask, the database
is stopped in the middle (`immediate`) every 5 to 40 seconds, web processes and the runner are killed with -9 as often,
and all connections to the mail server are reset every 1 to 8 seconds. Who gets no answer asks again under the same key.
Needs PostgreSQL's programs, and as root a user `postgres`.
"""

import argparse
import asyncio
import os
import platform
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

ZERO = (
    "questions lost", "questions doubled", "letters lost", "letters refused or still owed",
    "letters doubled in silence", "double advances", "clocks that differ from their replay", "answers 500",
)  # fmt: skip
SETTLES = 900.0  # seconds, and as many more as a tenth of the questions


def played(questions: int, seed: int, pause: tuple[float, float]) -> tuple[Counter[str], int]:
    """The counts, and how many letters may be uncertain."""
    import tests.conftest  # noqa: F401 - the settings of all tests
    from tests.faults.storm import Storm

    storm = Storm(seed, pause)
    try:
        storm.open()
        begun = time.monotonic()
        crowd = asyncio.run(storm.crowd())
        storm.rage()
        try:
            asyncio.run(crowd.ask(questions, storm.hit_all))
        finally:
            storm.calm()
        asked = time.monotonic() - begun
        asyncio.run(storm.settled(SETTLES + questions / 10))
        counts = asyncio.run(storm.counted(crowd))
        counts["seconds of asking"], counts["seconds until all was sent"] = int(asked), int(time.monotonic() - begun)
        return counts, storm.most_uncertain(counts)
    finally:
        storm.close()


def broken(counts: Counter[str], most_uncertain: int) -> list[str]:
    """The promises that were not kept."""
    found = [f"{counts[what]} {what}" for what in ZERO if counts[what]]
    if counts["questions acknowledged"] != counts["questions sent"]:
        found.append("not every question was acknowledged")
    if counts["letters uncertain"] > most_uncertain:
        found.append(f"{counts['letters uncertain']} letters uncertain, where {most_uncertain} may be")
    return found


def report(counts: Counter[str], most_uncertain: int, command: str) -> str:
    """A page that says when, where and what."""
    now = datetime.now(UTC)
    rows = [*counts.items(), ("letters that may be uncertain at most", most_uncertain)]
    table = "\n".join(f"| {what} | {count:,} |" for what, count in rows)
    return f"""# What a storm leaves

Written by `{command}` on {now.day} {now:%B %Y}, on {os.cpu_count()} cores of {platform.machine()}, Python
{platform.python_version()}. What it does to the installation is said at the top of `bench/faults.py`.

| what | how many |
|---|---:|
{table}

Uncertain is a letter of which nobody can know whether it arrived: the line broke, or the runner died, after the text
had been handed over and before the answer. Each is shown as such, and tried once more after half an hour.
"""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--questions", type=int, default=1000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--pause", type=float, nargs=2, default=(5.0, 40.0))
    asked.add_argument("--write", type=Path)
    given = asked.parse_args()
    counts, most_uncertain = played(given.questions, given.seed, tuple(given.pause))
    print("\n".join(f"{count:>9,} {what}" for what, count in counts.items()))
    if given.write:
        command = f"python -m bench.faults --questions {given.questions} --seed {given.seed}"
        given.write.write_text(report(counts, most_uncertain, command), encoding="utf-8")
    if found := broken(counts, most_uncertain):
        sys.exit("not as promised: " + "; ".join(found))


if __name__ == "__main__":
    main()

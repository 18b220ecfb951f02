"""What waiting costs: every page that people use, the form, a step and the clock's poll, with ever more questions.

`python -m bench.waiting [--questions 1000 10000 100000 1000000] [--calls 100] [--database postgresql] [--only NAME …]
[--write]` fills a database of its own for each number by bulk insert (70 % closed), serves it with one uvicorn process,
waits until that has come to rest, and makes every call in turn, or only those named, as often as asked. p50 and p99
over HTTP as a Markdown table; with `--write` on `docs/waiting.md`. The last column compares the p99 of the most
questions with that of the fewest.
"""

import argparse
import asyncio
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.calls import Call, calls
from bench.family import memory
from bench.floor import asked
from bench.machine import described
from bench.page import told
from bench.place import database
from bench.web import calm, prepared, serving


@dataclass
class Column:
    """What was found with one number of questions: milliseconds of each call, and what it takes."""

    times: dict[str, list[float]] = field(default_factory=dict)
    filled: float = 0.0  # seconds
    kilobytes: float = 0.0  # of database for each question
    memory: tuple[float, float] = (0.0, 0.0)  # MB of `stadsvraag web`, at rest and after all calls
    rest: float = 0.0  # seconds from its start until it has read what it remembers

    def at(self, name: str, share: float) -> float:
        """The time within which this share of the calls was answered."""
        times = sorted(self.times[name])
        return times[max(0, math.ceil(share * len(times)) - 1)]


def measured(kind: str, questions: int, count: int, only: Sequence[str] = ()) -> Column:
    """One number of questions, in a database of its own."""
    with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
        column, begun = Column(), time.perf_counter()
        known = asyncio.run(prepared(url, questions))
        column.filled = time.perf_counter() - begun
        column.kilobytes = asyncio.run(asked(url, "SIZE")) / questions / 1000
        print(f"{questions:,} questions put in within {column.filled:.0f} s", flush=True)
        with serving(url, Path(folder)) as (base, process):
            column.rest = calm(process)
            before = memory(process)
            with calls(base, url, known) as made:
                column.times = _in_turn({name: made[name] for name in only or made}, count)
            column.memory = before, memory(process)
    return column


def _in_turn(made: dict[str, Call], count: int) -> dict[str, list[float]]:
    """Every call once, then every call again: what disturbs the machine for a moment disturbs each alike."""
    found: dict[str, list[float]] = {name: [] for name in made}
    for nth in range(count + 1):
        for name, call in made.items():
            begun = time.perf_counter()
            call()
            if nth:  # the first fills what is filled once
                found[name].append((time.perf_counter() - begun) * 1000)
    return found


def table(columns: dict[int, Column], count: int) -> str:
    """The figures as Markdown."""
    few, many = columns[min(columns)], columns[max(columns)]
    lines = ["| p50 / p99 in ms | " + " | ".join(f"{one:,}" for one in columns) + " | p99, most : fewest |",
             "|---|" + "---:|" * (len(columns) + 1)]  # fmt: skip
    for name in few.times:
        cells = [f"{one.at(name, 0.5):.1f} / {one.at(name, 0.99):.1f}" for one in columns.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {many.at(name, 0.99) / few.at(name, 0.99):.2f} |")
    for what, cells in (
        ("kB of database for each question", [f"{one.kilobytes:.2f}" for one in columns.values()]),
        ("MB of `stadsvraag web`, at rest / after all calls",
         [f"{one.memory[0]:.0f} / {one.memory[1]:.0f}" for one in columns.values()]),
        ("s from its start until it is at rest", [f"{one.rest:.0f}" for one in columns.values()]),
        ("s to fill", [f"{one.filled:.0f}" for one in columns.values()]),
    ):  # fmt: skip
        lines.append(f"| {what} | " + " | ".join(cells) + " | |")
    return "\n".join([*lines, "", f"{count} calls of each kind, one at a time, in turn."])


def main() -> None:
    asked_for = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked_for.add_argument("--questions", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    asked_for.add_argument("--calls", type=int, default=100, help="of each kind")
    asked_for.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    asked_for.add_argument("--only", nargs="+", default=[], metavar="NAME", help="calls by their name in the table")
    asked_for.add_argument("--write", action="store_true", help="on docs/waiting.md")
    given = asked_for.parse_args()
    if given.only and given.write:
        asked_for.error("a part of the calls is no table for the page")
    machine = described()
    columns = {one: measured(given.database, one, given.calls, given.only) for one in sorted(given.questions)}
    said = f"`python -m bench.waiting --database {given.database} --calls {given.calls}`: {machine}."
    told(f"waiting on {given.database}", f"{said}\n\n{table(columns, given.calls)}", write=given.write)


if __name__ == "__main__":
    main()

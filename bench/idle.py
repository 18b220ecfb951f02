"""What an installation uses when nothing happens: memory and CPU of each process.

`python -m bench.idle [--seconds 60] [--database sqlite postgresql]`, as a Markdown table. Memory is what is
resident, with children; in brackets what is not shared with others (USS).
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from bench.machine import described
from bench.place import Place, installation

MEGABYTE = 1e6


def memory(process: psutil.Process) -> tuple[float, float]:
    """Megabytes resident and unshared, of a process and its children."""
    rss = uss = 0.0
    for one in [process, *process.children(recursive=True)]:
        found = one.memory_full_info()
        rss, uss = rss + found.rss, uss + found.uss
    return rss / MEGABYTE, uss / MEGABYTE


def printed(place: Place, seconds: float) -> None:
    """The table of one installation; its own parts only, for PostgreSQL may serve others."""
    before = place.cpu()
    time.sleep(seconds)
    after = place.cpu()
    print("| part | memory, MB (unshared) | CPU, % of a core |\n|---|---:|---:|")
    for name, process in place.processes.items():
        if name in ("mail server", "PostgreSQL"):
            continue
        rss, uss = memory(process)
        print(f"| {name} | {rss:.0f} ({uss:.0f}) | {100 * (after[name] - before[name]) / seconds:.2f} |")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--database", nargs="+", choices=("postgresql", "sqlite"), default=["sqlite"])
    given = asked.parse_args()
    print(described())
    for kind in given.database:
        with tempfile.TemporaryDirectory() as folder, installation(kind, Path(folder)) as place:
            print(f"\n### {kind}\n")
            time.sleep(10)  # what a start does
            printed(place, given.seconds)


if __name__ == "__main__":
    main()

"""What an installation uses when nothing happens: memory and CPU of each process.

`python -m bench.idle [--seconds 60] [--database sqlite postgresql] [--write]`, as a Markdown table; with `--write` on
`docs/waiting.md`. Memory is what is resident, with children; in brackets what is not shared with others (USS).
"""

import argparse
import tempfile
import time
from pathlib import Path

import psutil

from bench.machine import described
from bench.page import told
from bench.place import Place, installation

MEGABYTE = 1e6


def memory(process: psutil.Process) -> tuple[float, float]:
    """Megabytes resident and unshared, of a process and its children."""
    rss = uss = 0.0
    for one in [process, *process.children(recursive=True)]:
        found = one.memory_full_info()
        rss, uss = rss + found.rss, uss + found.uss
    return rss / MEGABYTE, uss / MEGABYTE


def table(place: Place, seconds: float) -> list[str]:
    """The table of one installation; its own parts only, for PostgreSQL may serve others."""
    before = place.cpu()
    time.sleep(seconds)
    after = place.cpu()
    lines = ["| part | memory, MB (unshared) | CPU, % of a core |", "|---|---:|---:|"]
    for name, process in place.processes.items():
        if name in ("mail server", "PostgreSQL"):
            continue
        rss, uss = memory(process)
        lines.append(f"| {name} | {rss:.0f} ({uss:.0f}) | {100 * (after[name] - before[name]) / seconds:.2f} |")
    return lines


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--database", nargs="+", choices=("postgresql", "sqlite"), default=["sqlite"])
    asked.add_argument("--write", action="store_true", help="on docs/waiting.md")
    given = asked.parse_args()
    said = [f"`python -m bench.idle --database {' '.join(given.database)}`: {described()}. Over {given.seconds:.0f} s."]
    for kind in given.database:
        with tempfile.TemporaryDirectory() as folder, installation(kind, Path(folder)) as place:
            time.sleep(10)  # what a start does
            said += ["", f"On {kind}:", "", *table(place, given.seconds)]
    told("idle", "\n".join(said), write=given.write)


if __name__ == "__main__":
    main()

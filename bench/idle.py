"""What an installation uses when nothing happens: memory and CPU of each process.

`python -m bench.idle [--seconds 60] [--database sqlite postgresql] [--write]`, as a Markdown table; with `--write` on
`docs/waiting.md`. A part is a process with its children. What several processes share is divided among them (PSS).
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench.family import all_of, memory
from bench.machine import described
from bench.page import told
from bench.place import Place, installation


def table(place: Place, seconds: float) -> list[str]:
    """The table of one installation; its own parts only, for PostgreSQL may serve others."""
    before = place.cpu()
    time.sleep(seconds)
    after = place.cpu()
    lines = ["| part | processes | memory, MB | CPU, % of a core |", "|---|---:|---:|---:|"]
    for name, process in place.processes.items():
        if name in ("mail server", "PostgreSQL"):
            continue
        busy = 100 * (after[name] - before[name]) / seconds
        lines.append(f"| {name} | {len(all_of(process))} | {memory(process):.0f} | {busy:.2f} |")
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

"""How soon the form accepts again after the process that serves it is killed with -9, and after all of web is.

`python -m bench.recovery [--kills 5]` runs everything embedded as `./run` does, kills when web has been up for a while,
and sends the first page of the form until it is accepted; with `--write` on `docs/waiting.md`. For overdue terms see
`bench.due`.
"""

import argparse
import os
import random
import signal
import statistics
import tempfile
import time
from pathlib import Path

import httpx2

from bench.kill import processes, start
from bench.machine import described
from bench.page import told
from stadsvraag.child import HEALTHY_AFTER
from stadsvraag.prefork import INFANCY
from tests.flows.place import free_port

FORM = {"title": "Waar stallen bezoekers hun fiets?", "situation": "Er staan fietsen in de looproutes.",
        "wanted": "Een kaart.", "use": "De raad beslist."}  # fmt: skip
PATIENCE = 60.0
# What is killed, and what must have been up for how long: who dies again sooner is let wait longer.
KILLS = {
    "the process of web that serves": (("web at work",), INFANCY),
    "all of web": (("web", "web at work"), HEALTHY_AFTER),
}


def draft(base: str) -> str:
    """The address of the first page of a new form."""
    with httpx2.Client(base_url=base, timeout=20) as web:
        answer = web.post("/ask", data={}, follow_redirects=False)
        return str(httpx2.URL(base).join(answer.headers["location"]))


def accepted(address: str) -> bool:
    try:
        return httpx2.post(address, data=FORM, timeout=5, follow_redirects=False).status_code == 303
    except httpx2.HTTPError:
        return False


def once(data: Path, address: str, parts: tuple[str, ...]) -> float:
    """Seconds from a kill of these parts to the first page accepted."""
    found = processes(data)
    pids = [pid for part in parts for pid in found[part]]
    assert len(pids) == len(parts), found
    begun = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    while not accepted(address):
        assert time.monotonic() - begun < PATIENCE, "it did not come back"
        time.sleep(0.02)
    return time.monotonic() - begun


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=5)
    asked.add_argument("--write", action="store_true", help="on docs/waiting.md")
    given, machine = asked.parse_args(), described()
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder).resolve(), free_port()
        run = start(data, port)
        try:
            address = draft(f"http://127.0.0.1:{port}")
            took: dict[str, list[float]] = {what: [] for what in KILLS}
            for _ in range(given.kills):
                for what, (parts, up) in KILLS.items():
                    time.sleep(up + random.uniform(1, 3))
                    took[what].append(once(data, address, parts))
        finally:
            run.terminate()
            run.wait(60)
    said = (f"`python -m bench.recovery --kills {given.kills}`: {machine}.\n\n| | median | least | most | kills |\n"
            "|---|---:|---:|---:|---:|")  # fmt: skip
    for what, times in took.items():
        said += (f"\n| from `kill -9` of {what} to the first page of the form accepted, s | "
                 f"{statistics.median(times):.2f} | {min(times):.2f} | {max(times):.2f} | {len(times)} |")  # fmt: skip
    told("recovery", said, write=given.write)


if __name__ == "__main__":
    main()

"""Pull the plug: play questions while parts, or the processes in them that work, are killed with -9; see what was lost.

    python bench/kill.py DIR PORT [--questions 10] [--kills 6] [--seed 1]

Starts `./run` on DIR, kills at random moments, starts again when all was killed: of web and of flows once the process
that works, once all; Prefect; everything. In the end every question must have been answered, every letter owed must be
in the mailbox, and none twice but those shown as uncertain.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from email import message_from_bytes
from pathlib import Path
from typing import Any

from schemas.process import QUESTION

ROOT = Path(__file__).resolve().parent.parent
DONE = QUESTION.ends | {"answered"}  # where a played life may come to rest
Run = subprocess.Popen[bytes]
PARTS = {
    "web": "stadsvraag web",
    "flows": "stadsvraag flows",
    "prefect": "prefect server start",
    "all": "stadsvraag.up",
}


KILLED = ("web at work", "flows at work", "prefect", "web", "flows", "all")


def processes(data: Path) -> dict[str, list[int]]:
    """The pids of each part that runs on this directory: the supervisor names it, the others are its children.

    `… at work`: those that a part has forked to do its work.
    """
    table = {}
    for line in subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True).stdout.splitlines()[1:]:
        pid, parent, args = line.split(None, 2)
        table[int(pid)] = (int(parent), args)
    top = [pid for pid, (_, args) in table.items() if "stadsvraag.up" in args and str(data) in args]
    found: dict[str, list[int]] = {"all": top}
    for name, mark in PARTS.items():
        if name != "all":
            found[name] = [pid for pid, (parent, args) in table.items() if mark in args and parent in top]
            forked = [pid for pid, (parent, args) in table.items() if mark in args and parent in found[name]]
            found[f"{name} at work"] = forked
    return found


def start(data: Path, port: int) -> Run:
    """`./run`, until the pages say they are ready."""
    run = subprocess.Popen([str(ROOT / "run"), "--port", str(port), "--data", str(data), "--no-browser"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)  # fmt: skip
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                if answer.status == 200:
                    return run
        except OSError:
            time.sleep(0.5)
    sys.exit("it did not become ready within 240 seconds")


AWAKE = """SELECT state, count(*) FROM letter
           WHERE attempts > 0 OR due_at <= strftime('%Y-%m-%d %H:%M:%S', 'now') GROUP BY 1"""


def settled(data: Path) -> Counter[str]:
    """The letters by state, once none is owed or being sent but those that wait for the morning."""
    deadline = time.monotonic() + 600
    while True:
        with sqlite3.connect(data / "stadsvraag.db", timeout=30) as database:
            states = Counter(dict(database.execute(AWAKE)))
        if not states["owed"] + states["sending"] or time.monotonic() > deadline:
            return states
        time.sleep(1)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=lambda text: Path(text).resolve())
    parser.add_argument("port", type=int)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def plug(data: Path, port: int, run: Run, kills: int, dice: random.Random) -> tuple[Run, Counter[str]]:
    """Kill one after the other, at moments that the dice decide; what runs now, and how many processes died."""
    killed: Counter[str] = Counter()
    for n in range(kills):
        time.sleep(dice.uniform(0.5, 4.0))
        part = KILLED[n % len(KILLED)]
        for pid in processes(data)[part]:
            os.kill(pid, signal.SIGKILL)
            killed[part] += 1
        if part == "all":
            run.wait()
            time.sleep(dice.uniform(0.2, 2.0))
            run = start(data, port)
    return run, killed


def looked_into(data: Path) -> dict[str, Any]:
    """What became of the questions, and of each letter in the database and in the mailbox."""
    states = settled(data)
    received = Counter(message_from_bytes(path.read_bytes())["Message-ID"] for path in (data / "mailbox").glob("*/*"))
    with sqlite3.connect(data / "stadsvraag.db") as database:
        letters = dict(database.execute("SELECT message_id, state FROM letter"))
        ends = dict(database.execute("SELECT state, count(*) FROM question GROUP BY 1"))
    twice = [one for one, count in received.items() if count > 1]
    return {
        "questions": ends,
        "letters": dict(states),
        "lost": sum(state == "sent" and one not in received for one, state in letters.items()),
        "twice, not uncertain": sum(letters.get(one) != "uncertain" for one in twice),
        "twice, uncertain": sum(letters.get(one) == "uncertain" for one in twice),
        "uncertain but arrived": sum(state == "uncertain" and one in received for one, state in letters.items()),
    }


def main() -> None:
    asked = arguments()
    run = start(asked.data, asked.port)
    command = [ROOT / ".venv/bin/stadsvraag", "play", "--questions", asked.questions, "--data", asked.data,
               "--seed", asked.seed]  # fmt: skip
    play = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    run, killed = plug(asked.data, asked.port, run, asked.kills, random.Random(asked.seed))
    said = play.communicate(timeout=1200)[0].decode()
    report = looked_into(asked.data)
    os.killpg(run.pid, signal.SIGTERM)
    run.wait()
    print(json.dumps({"killed": dict(killed)} | report, indent=1))
    if play.returncode or report["lost"] or report["twice, not uncertain"] or set(report["questions"]) - DONE:
        sys.exit(f"not as promised\n{said}")


if __name__ == "__main__":
    main()

"""What a question's whole happy life costs, over HTTP, with every letter delivered.

`python -m bench.life [--questions 40] [--in-flight 1 8 32] [--database postgresql sqlite] [--naive]` starts an
installation for each database and plays questions from the form to a cleared result: twelve POSTs each. Printed as a
Markdown table, with the bare floor (`bench/floor.py`) from the same run. `--naive` adds Prefect runs, one for each
step. `half load` is half the best rate of that run, at random moments. The driver runs on the same cores; its CPU is
not counted, but the time it takes is in the rate.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import yaml

from bench import floor
from bench.machine import described
from bench.place import Place, installation, settle
from stadsvraag.life import Life
from stadsvraag.play import TOPICS, Stage
from stadsvraag.played import Attempt

FORM, STEP = "form POST", "step POST"
HALF = 8  # lives that share the half load: seldom two at the same moment
OWED = "SELECT count(*) FROM letter WHERE state NOT IN ('kept', 'gathered', 'withheld')"


class Turns:
    """When the next POST may go: so many a second on average, at moments that do not know of one another."""

    def __init__(self, rate: float | None) -> None:
        self.rate, self.next, self.dice = rate, time.perf_counter(), Random(1)

    async def wait(self) -> None:
        if self.rate:
            self.next += self.dice.expovariate(self.rate)
            await asyncio.sleep(max(0.0, self.next - time.perf_counter()))


class Timed(Stage):
    """A stage that notes how long each POST took."""

    def __init__(self, took: dict[str, list[float]], turns: Turns, *given: Any) -> None:
        super().__init__(*given)
        self.took, self.turns = took, turns

    async def do(self, person: Any, path: str, body: Any, key: str) -> Any:
        await self.turns.wait()
        begun = time.perf_counter()
        answer = await super().do(person, path, body, key)
        self.took[FORM if path == "/questions" else STEP].append((time.perf_counter() - begun) * 1000)
        return answer


@dataclass(frozen=True)
class Load:
    """What came of one load: rates in a second, times in ms, CPU in ms for each step by part."""

    steps_s: float
    letters_s: float
    took: dict[str, list[float]]
    behind: float  # seconds from the last POST to the last letter
    cpu: dict[str, float]
    kilobytes: float
    prefect_kilobytes: float
    letters: int

    @property
    def all_cpu(self) -> float:
        return sum(used for name, used in self.cpu.items() if not name.startswith("the driver"))


async def happy(life: Life, chosen: dict[str, Any]) -> None:
    """From the form to a result that everybody has cleared."""
    await life.asks()
    await life.step(life.coordinator, "accept", route="any")
    body = {name: chosen[name] for name in ("institution", "offering")} | {"message": "Past dit bij jullie?"}
    made = await life.do(life.coordinator, f"/questions/{life.ref}/trajectories", body)
    attempt = Attempt(life, made["ref"], chosen)
    await attempt.until("start")
    attempt.again("deliver")
    await attempt.until("clear lecturer")


async def reachable(stage: Stage, topics: Any) -> list[dict[str, Any]]:
    """Places that a question can still be given, as the ranking says."""
    life = Life(stage, topics, Random(0), "first")
    await life.asks()
    await life.step(life.coordinator, "accept", route="any")
    matches = (await stage.ask(life.coordinator, f"/questions/{life.ref}/matches"))["items"]
    found = [one for one in matches if one["reachable"]]
    assert found, "nothing in the catalogue can still be reached"
    return found


async def play(
    place: Place, questions: int, in_flight: int, run: str, rate: float | None = None
) -> dict[str, list[float]]:
    """So many lives, so many at once; at most `rate` POSTs a second, if one is given."""
    people, topics = json.loads((place.home / "people.json").read_text()), yaml.safe_load(TOPICS.read_text())
    gate = asyncio.Semaphore(in_flight)
    limits = httpx2.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with httpx2.AsyncClient(timeout=60, limits=limits) as client:
        places = await reachable(Stage(place.urls[0], people, client, run), topics)
        took: dict[str, list[float]] = defaultdict(list)
        turns = Turns(rate)
        stages = [Timed(took, turns, url, people, client, run) for url in place.urls]

        async def one(number: int) -> None:
            async with gate:
                dice = Random(number)
                stage = stages[number % len(stages)]
                await happy(Life(stage, topics, dice, str(number)), dice.choice(places))

        async with asyncio.TaskGroup() as group:
            for number in range(questions):
                group.create_task(one(number))
    return took


def measured(place: Place, questions: int, in_flight: int, rate: float | None = None) -> Load:
    """One load, from the first POST to the last letter."""
    run = f"{in_flight}at{rate}"
    asyncio.run(play(place, 2, 1, f"warm{run}"))  # connections, compiled texts
    settle(place, _owed(place), 120)
    cpu, size, theirs, before = place.cpu(), _bytes(place), place.prefect_bytes(), len(place.delivered())
    begun, epoch = time.perf_counter(), time.time()
    own = time.process_time()
    took = asyncio.run(play(place, questions, in_flight, f"load{run}", rate))
    own = time.process_time() - own
    last = time.time()
    arrived = settle(place, _owed(place), 600)[before:]
    whole = max(arrived) - epoch
    steps = sum(map(len, took.values()))
    spent = {name: (now - cpu[name]) * 1000 / steps for name, now in place.cpu().items() if name != "mail server"}
    paced = f", {rate:.0f} a second" if rate else ""
    print(f"  {in_flight} in flight{paced}: {steps} steps in {time.perf_counter() - begun:.1f} s", flush=True)
    size, theirs = _bytes(place) - size, place.prefect_bytes() - theirs
    spent["the driver, not counted"] = own * 1000 / steps
    return Load(steps / whole, len(arrived) / whole, took, max(0.0, max(arrived) - last), spent, size / 1000 / steps,
                theirs / 1000 / steps, len(arrived))  # fmt: skip


def _owed(place: Place) -> int:
    """The letters that go out now; those kept for a digest go with it."""
    return int(asyncio.run(floor.asked(place.database, OWED)))


def _bytes(place: Place) -> int:
    return int(asyncio.run(floor.asked(place.database, "SIZE")))


def row(name: str, cells: list[str]) -> str:
    return f"| {name} |" + "|".join(f" {cell} " for cell in cells) + "|"


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def _middle_and_tail(values: list[float]) -> str:
    return f"{percentile(values, 0.5):.0f} / {percentile(values, 0.99):.0f}"


def printed(loads: dict[str, Load], bare: floor.Bare) -> None:
    """The table of one database."""
    heads = list(loads)
    all_of = list(loads.values())
    print(row("", heads), "|---|" + "---:|" * len(heads), sep="\n")
    print(row("steps/s, letters delivered", [f"{one.steps_s:.1f}" for one in all_of]))
    print(row("letters/s", [f"{one.letters_s:.1f}" for one in all_of]))
    for kind in (FORM, STEP):
        print(row(f"{kind}, p50 / p99 in ms", [_middle_and_tail(one.took[kind]) for one in all_of]))
    print(row("last POST to last letter, s", [f"{one.behind:.1f}" for one in all_of]))
    print(row("CPU-ms a step, all of ours", [f"{one.all_cpu:.1f}" for one in all_of]))
    for part in all_of[0].cpu:
        print(row(f"&nbsp;of which {part}", [f"{one.cpu[part]:.1f}" for one in all_of]))
    print(row("database, kB a step", [f"{one.kilobytes:.1f}" for one in all_of]))
    print(row("Prefect's database, kB a step", [f"{one.prefect_kilobytes:.1f}" for one in all_of]))
    print(row("bare floor, steps/s", [f"{bare.steps_s:.0f}" for _ in all_of]))
    print(row("of the bare floor", [f"{one.steps_s / bare.steps_s:.0%}" for one in all_of]))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--questions", type=int, default=40)
    asked.add_argument("--in-flight", type=int, nargs="+", default=[1, 8, 32])
    asked.add_argument("--database", nargs="+", choices=("postgresql", "sqlite"), default=["postgresql", "sqlite"])
    asked.add_argument("--webs", type=int, default=1, help="web processes")
    asked.add_argument("--naive", action="store_true", help="also one Prefect run for each step")
    given = asked.parse_args()
    print(described())
    for kind in given.database:
        with tempfile.TemporaryDirectory() as folder, installation(kind, Path(folder), given.webs) as place:
            print(f"\n### {kind}\n")
            loads = {f"{count} in flight": measured(place, given.questions, count) for count in given.in_flight}
            half = max(one.steps_s for one in loads.values()) / 2
            loads["half load"] = measured(place, given.questions, HALF, half)
            bare = asyncio.run(floor.bare(place, 400))
            printed(loads, bare)
            if given.naive:
                floor.naive(place)


if __name__ == "__main__":
    main()

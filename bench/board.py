"""What the offering board costs with many open questions: every page ranks only its own.

`python -m bench.board [--open 1000] [--calls 60] [--database URL]` fills a database of its own, works out what each
open question can reach (as the flow `prospects` does), serves it with one uvicorn process and prints p50 and p99 over
HTTP in milliseconds; with `--write` on `docs/waiting.md`. Without `--database` that is SQLite in a temporary folder.
"""

import argparse
import asyncio
import math
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("STADSVRAAG_SECRET_KEY", "a key for a benchmark that guards nothing at all")
os.environ.setdefault("STADSVRAAG_ENVIRONMENT", "demo")

import httpx2
import yaml
from sqlmodel import col, select

from bench.machine import described
from bench.page import told
from bench.web import ROOT, Known, calm, prepared, serving
from flows.prospects import look_again
from flows.work import Hands, Work
from schemas.database import open_engine, reading, writing
from schemas.moment import now
from schemas.subjects import Question

ON_BOARD = 0.09  # of the questions that bench.many makes
ADDRESSES = {
    "board": "/board", "board, later terms": "/board?terms=5", "board, one institution": "/board?institution=saxion",
    "board, one term": "/board?term=roc-twente:2026/27:P4", "board, a challenge": "/board?challenge=bereikbaarheid",
}  # fmt: skip


async def worked_out(url: str) -> tuple[int, float]:
    """How many questions were looked at, and how many milliseconds each took; with texts as people write them."""
    engine = open_engine(url)
    texts = yaml.safe_load((ROOT / "cities/twente/questions.yaml").read_text("utf-8"))["questions"]
    async with writing(engine) as session:
        query = select(Question).where(col(Question.state).in_(("matching", "triage"))).order_by(col(Question.id))
        rows = list(await session.exec(query))
        for n, row in enumerate(rows):
            text = texts[n % len(texts)]
            row.form = {name: text[name] for name in ("situation", "wanted", "use")}
            row.title, row.look_at = f"{text['title']} ({n})", now()
    began = time.perf_counter()
    while await _left(engine):
        await look_again.fn(Work("prospects", Hands(engine)))
    spent = time.perf_counter() - began
    await engine.dispose()
    return len(rows), 1000 * spent / max(len(rows), 1)


async def _left(engine: object) -> bool:
    async with reading(engine) as session:  # type: ignore[arg-type]
        query = select(Question.id).where(col(Question.look_at) <= now()).limit(1)
        return (await session.exec(query)).first() is not None


def measured(base: str, known: Known, count: int) -> dict[str, tuple[float, float]]:
    """p50 and p99 of each address, one call after another; the board is walked, not only opened."""
    found = {}
    with httpx2.Client(base_url=base, timeout=60) as web:
        web.post(f"/demo/people/{known.people['bram']}")
        for name, address in ADDRESSES.items():
            web.get(address)
            times = sorted(_timed(web, address) for _ in range(count))
            found[name] = (times[len(times) // 2], times[math.ceil(len(times) * 0.99) - 1])
    return found


def _timed(web: httpx2.Client, address: str) -> float:
    began = time.perf_counter()
    web.get(address).raise_for_status()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--open", type=int, default=1000)
    asked.add_argument("--calls", type=int, default=60)
    asked.add_argument("--database", default="")
    asked.add_argument("--write", action="store_true", help="on docs/waiting.md")
    given, machine = asked.parse_args(), described()
    with tempfile.TemporaryDirectory() as scratch:
        url = given.database or f"sqlite+aiosqlite:///{scratch}/board.db"
        known = asyncio.run(prepared(url, int(given.open / ON_BOARD) + 1))
        count, each = asyncio.run(worked_out(url))
        with serving(url, Path(scratch)) as (base, process):
            calm(process)
            rows = measured(base, known, given.calls)
    command = f"python -m bench.board --open {given.open} --calls {given.calls}"
    lines = [f"`{command}`: {machine}. {count} open questions, on "
             f"{url.split('+')[0]}; working out what a question can reach: {each:.0f} ms each.",
             "", "| in ms | p50 | p99 |", "|---|---:|---:|"]  # fmt: skip
    lines += [f"| {name} | {half:.0f} | {most:.0f} |" for name, (half, most) in rows.items()]
    told("board", "\n".join(lines), write=given.write)


if __name__ == "__main__":
    main()

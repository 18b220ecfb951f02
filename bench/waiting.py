"""What waiting costs: the desk, search, a question's page, a status page and the form with ever more questions.

`python -m bench.waiting [--questions 1000 10000 100000] [--calls 100] [--database URL]` fills a database of its own by
bulk insert (70 % closed), serves it with one uvicorn process and prints p50 and p99 over HTTP as a Markdown table.
Without `--database` that is SQLite in a temporary folder; an empty PostgreSQL database may be named instead.
"""

import argparse
import asyncio
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

os.environ.setdefault("STADSVRAAG_SECRET_KEY", "a key for a benchmark that guards nothing at all")
os.environ.setdefault("STADSVRAAG_ENVIRONMENT", "demo")

import httpx2
from sqlalchemy import text

from bench.many import fill_with
from schemas.cities import load_city, read_city
from schemas.database import open_engine, writing
from schemas.links import draft_token, status_token
from schemas.migrate import migrate
from schemas.moment import now

ROOT = Path(__file__).parents[1]
Call = Callable[[httpx2.Client], httpx2.Response]


async def prepared(url: str, questions: int) -> dict[str, str]:
    """A database with so many questions, and what the calls need to know of it."""
    await migrate(url)
    engine = open_engine(url)
    async with writing(engine) as session:
        await load_city(session, read_city(ROOT / "cities" / "twente"), people=True)
    await fill_with(engine, questions)
    async with writing(engine) as session:
        execute = (await session.connection()).execute
        bram = (await execute(text("SELECT id FROM person WHERE email LIKE 'bram.%'"))).scalar_one()
        row = (
            await execute(text("SELECT id, ref, submitter_id FROM question WHERE state = 'screening' LIMIT 1"))
        ).one()
        draft = (await execute(text("SELECT max(id) FROM question WHERE state = 'draft'"))).scalar_one()
    await engine.dispose()
    return {"bram": str(bram), "ref": row[1], "status": status_token(row[0], row[2]), "draft": draft_token(draft)}


@contextmanager
def serving(url: str, folder: Path) -> Iterator[str]:
    """One web process on this database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = {"STADSVRAAG_DATABASE_URL": url, "STADSVRAAG_DATA_DIR": str(folder), "STADSVRAAG_BASE_URL": base}
    command = [sys.executable, "-m", "uvicorn", "intake.app:create_app", "--factory", "--port", str(port)]
    web = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=os.environ | settings)
    try:
        _wait(base)
        yield base
    finally:
        web.terminate()
        web.wait(20)


def _wait(base: str) -> None:
    for _ in range(300):
        try:
            httpx2.get(f"{base}/health/live", timeout=2)
        except httpx2.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(base)


def calls(known: dict[str, str]) -> dict[str, Call]:
    """What is measured, by the name it has in the table."""
    form = {"title": "Waar stallen bezoekers hun fiets?", "situation": "Er staan fietsen in de looproutes.",
            "wanted": "Een kaart.", "use": "De raad beslist."}  # fmt: skip
    return {
        "desk": lambda web: web.get("/desk"),
        "desk, overdue": lambda web: web.get("/desk?view=late"),
        "desk, by title, deep": lambda web: web.get("/desk?view=all&sort=title&after=50~Vraag+9&nr=99999"),
        "search, a common word": lambda web: web.get("/desk?text=fietsen"),
        "search, a rare word": lambda web: web.get("/desk?text=zeldzaam"),
        "search, a reference": lambda web: web.get(f"/desk?text={known['ref']}"),
        "question page": lambda web: web.get(f"/questions/{known['ref']}"),
        "status page": lambda web: web.get(f"/s/{known['status']}"),
        "form POST": lambda web: web.post(f"/ask/{known['draft']}/1", data=form),
    }


def measured(base: str, known: dict[str, str], count: int) -> dict[str, tuple[float, float]]:
    """p50 and p99 in milliseconds of each call, one after another."""
    found = {}
    with httpx2.Client(base_url=base, timeout=60) as web:
        web.post(f"/demo/people/{known['bram']}")
        for name, call in calls(known).items():
            call(web)
            times = sorted(_timed(call, web, name) for _ in range(count))
            found[name] = (times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.99))])
    return found


def _timed(call: Call, web: httpx2.Client, name: str) -> float:
    begun = time.perf_counter()
    answer = call(web)
    taken = (time.perf_counter() - begun) * 1000
    if answer.status_code not in (200, 303):
        raise RuntimeError(f"{name}: {answer.status_code}")
    return taken


def printed(columns: dict[int, dict[str, tuple[float, float]]]) -> None:
    """The table."""
    machine = (
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    print(f"\n{machine}, {now().date()}; p50 / p99 in ms\n")
    print("| |" + "|".join(f" {count:,} questions " for count in columns) + "|")
    print("|---|" + "---:|" * len(columns))
    for name in next(iter(columns.values())):
        print(
            f"| {name} |" + "|".join(f" {rows[name][0]:.0f} / {rows[name][1]:.0f} " for rows in columns.values()) + "|"
        )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--questions", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    asked.add_argument("--calls", type=int, default=100, help="of each kind")
    asked.add_argument("--database", help="an empty PostgreSQL database, for one number of questions")
    given = asked.parse_args()
    columns = {}
    for count in given.questions:
        with tempfile.TemporaryDirectory() as folder:
            url = given.database or f"sqlite+aiosqlite:///{folder}/many.db"
            begun = time.perf_counter()
            known = asyncio.run(prepared(url, count))
            print(f"{count:,} questions put in within {time.perf_counter() - begun:.1f} s", flush=True)
            with serving(url, Path(folder)) as base:
                columns[count] = measured(base, known, given.calls)
    printed(columns)


if __name__ == "__main__":
    main()

"""One web process on a database full of questions: filled, served, and left alone until it is at rest."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("STADSVRAAG_SECRET_KEY", "a key for a benchmark that guards nothing at all")
os.environ.setdefault("STADSVRAAG_ENVIRONMENT", "demo")

import httpx2
import psutil
from sqlalchemy import text

from bench.family import at_work
from bench.many import fill_with
from schemas.cities import load_city, read_city
from schemas.database import open_engine, writing
from schemas.links import draft_token, status_token
from schemas.migrate import migrate

ROOT = Path(__file__).parents[1]
REFS = "SELECT ref FROM question WHERE state = 'screening' ORDER BY id LIMIT 1000"
HELD = """SELECT id FROM person WHERE email LIKE '{}.%'"""
CALM = 5.0  # percent of a core


@dataclass
class Known:
    """What the calls need to know of the database."""

    people: dict[str, int] = field(default_factory=dict)  # id by first name
    refs: list[str] = field(default_factory=list)  # of questions in screening
    status: str = ""
    draft: str = ""


async def prepared(url: str, questions: int) -> Known:
    """A database with so many questions, and what the calls need to know of it."""
    await migrate(url)
    engine = open_engine(url)
    async with writing(engine) as session:
        await load_city(session, read_city(ROOT / "cities" / "twente"), people=True)
    await fill_with(engine, questions)
    await engine.dispose()
    return await known_of(url)


async def known_of(url: str) -> Known:
    """What the calls need to know of a database that `prepared` filled."""
    engine, known = open_engine(url), Known()
    async with engine.execution_options(sqlite_begin="DEFERRED").connect() as connection:
        for name in ("bram", "femke", "amira"):
            known.people[name] = (await connection.execute(text(HELD.format(name)))).scalar_one()
        known.refs = list((await connection.execute(text(REFS))).scalars())
        row = (await connection.execute(text("SELECT id, submitter_id FROM question WHERE state = 'screening' "
                                             "ORDER BY id LIMIT 1"))).one()  # fmt: skip
        known.status = status_token(row[0], row[1])
        last = (await connection.execute(text("SELECT max(id) FROM question WHERE state = 'draft'"))).scalar_one()
        known.draft = draft_token(last)
    await engine.dispose()
    return known


@contextmanager
def serving(url: str, folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The address and process of one `stadsvraag web` on this database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    settings = {"STADSVRAAG_DATABASE_URL": url, "STADSVRAAG_DATA_DIR": str(folder), "STADSVRAAG_BASE_URL": base}
    with (folder / "web.log").open("ab") as log:
        web = subprocess.Popen([sys.executable, "-m", "stadsvraag", "web", "--port", str(port)], cwd=ROOT,
                               env=os.environ | settings, stdout=log, stderr=log)  # fmt: skip
    try:
        _wait(base)
        yield base, psutil.Process(web.pid)
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


def calm(process: psutil.Process, patience: float = 180.0) -> float:
    """Wait until it has nothing more to do; after how many seconds."""
    begun, working = time.monotonic(), at_work(process)
    while working.cpu_percent(2.0) > CALM:
        if time.monotonic() - begun > patience:
            raise TimeoutError("it never comes to rest")
    return time.monotonic() - begun

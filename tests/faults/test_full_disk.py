"""The disk of the database is full: nobody is told that something was kept which was not, and it goes on with room."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.database import open_engine, reading
from schemas.replay import differing
from schemas.settings import settings
from schemas.subjects import Question
from tests.cast import Cast
from tests.databases import sqlite_copy
from tests.faults.townsfolk import let_in, question, secret_of
from tests.schemas.backup.places import faults

ROOM = 1_500_000  # bytes beside the database
PADDING = "Er staan fietsen. " * 100


class Disk:
    """A small one of its own, in memory."""

    def __init__(self, at: Path, size: int) -> None:
        self.at = at
        at.mkdir()
        self._mount(f"size={size}")

    def grow(self, size: int) -> None:
        self._mount(f"remount,size={size}")

    def remove(self) -> None:
        subprocess.run(["umount", "-l", str(self.at)], capture_output=True)

    def _mount(self, options: str) -> None:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self.at)], capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"no disk of its own can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def disk(sqlite_city: Path, tmp_path: Path) -> Iterator[Disk]:
    if os.geteuid():
        pytest.skip("only root can mount a disk")
    small = Disk(tmp_path / "disk", sqlite_city.stat().st_size + ROOM)
    yield small
    small.remove()
    with suppress(OSError):
        small.at.rmdir()


@pytest.fixture
async def url(disk: Disk, sqlite_city: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    made = sqlite_copy(sqlite_city, disk.at / "city.db")
    await let_in(made)
    monkeypatch.setenv("STADSVRAAG_DATABASE_URL", made)
    settings.cache_clear()
    yield made
    settings.cache_clear()


async def test_a_full_disk(disk: Disk, url: str) -> None:
    from intake.app import create_app

    app, engine = create_app(), open_engine(url)
    cast = await Cast.of(engine)
    body = question(cast.amira, cast.hanna, situation=PADDING)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app)
        headers = {"Authorization": f"Bearer {secret_of('amira')}", "Accept-Language": "en"}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://stad.example.org", headers=headers
        ) as amira:
            refs = await asks_until_it_is_full(amira, body)
            assert (await amira.get("/results")).status_code == 200, "what there is can still be read"
            await everything_is_there(engine, refs)
            disk.grow(50_000_000)
            answer = await amira.post("/api/v1/questions", json=body, headers={"Idempotency-Key": f"{len(refs)}"})
            assert answer.status_code == 201, "the same process goes on as soon as there is room"
            await everything_is_there(engine, [*refs, answer.json()["ref"]])
    await engine.dispose()


async def asks_until_it_is_full(amira: httpx2.AsyncClient, body: dict[str, Any]) -> list[str]:
    refs: list[str] = []
    for number in range(2000):
        answer = await amira.post("/api/v1/questions", json=body, headers={"Idempotency-Key": f"{number}"})
        if answer.status_code != 201:
            break
        refs.append(answer.json()["ref"])
    assert refs
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5"), answer.text
    for _ in range(500):  # a draft needs less room than a question
        page = await amira.post("/ask")
        if page.status_code != 303:
            break
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "What you did may not have been recorded" in page.text
    return refs


async def everything_is_there(engine: AsyncEngine, refs: list[str]) -> None:
    """All that was acknowledged, and nothing that does not hold together."""
    async with reading(engine) as session:
        asked = select(Question.ref).where(Question.state != "draft")
        assert sorted(await session.exec(asked)) == sorted(refs)
        assert await differing(session) == []
    assert await faults(engine) == []

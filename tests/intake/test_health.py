"""Whether the process lives, and whether everything around it does its part: told with since when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.access import Sign
from schemas.database import open_engine, writing
from schemas.moment import now
from schemas.settings import settings

PARTS = ("flows", "prefect", "mail")


async def signs(engine: AsyncEngine, **more: dict[str, Any]) -> None:
    async with writing(engine) as session:
        for name in PARTS:
            known: dict[str, Any] = {"name": name, "note": "busy", "at": now(), "since": now()}
            await session.merge(Sign.model_validate(known | more.get(name, {})))


async def test_all_is_well(visitor: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    await signs(engine)
    answer = await visitor.get("/health/ready")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["status"], told["missing"]) == ("ready", [])
    assert all(told[part]["ok"] for part in ("database", *PARTS))


async def test_the_box_is_a_part_only_where_one_is_read(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await signs(engine)
    assert "inbox" not in (await visitor.get("/health/ready")).json()
    monkeypatch.setenv("STADSVRAAG_INBOX", "nowhere")
    monkeypatch.setenv("STADSVRAAG_INBOX_ADDRESS", "post@example.org")
    settings.cache_clear()
    assert (await visitor.get("/health/ready")).json()["missing"] == ["inbox"]
    settings.cache_clear()


async def test_a_part_that_never_showed_itself(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["missing"] == list(PARTS)
    assert answer.json()["database"]["ok"]
    assert answer.json()["mail"]["note"]


async def test_a_part_that_says_it_cannot(visitor: httpx2.AsyncClient, engine: AsyncEngine) -> None:
    since = now() - timedelta(hours=2)
    await signs(engine, mail={"ok": False, "note": "connection refused", "since": since})
    answer = await visitor.get("/health/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["mail"])
    assert answer.json()["mail"] == {"ok": False, "note": "connection refused", "since": since.isoformat()}


async def test_a_part_that_fell_silent(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False)
    await signs(engine)
    clock.shift(15)
    assert (await visitor.get("/health/ready")).status_code == 200
    clock.shift(1)
    answer = await visitor.get("/health/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, list(PARTS))
    assert answer.json()["flows"]["since"] == "2026-11-24T12:00:00+00:00"


@pytest.mark.parametrize(
    "url", ["sqlite+aiosqlite:///{}/nothing/here.db", "postgresql+asyncpg://nobody@127.0.0.1:1/none"]
)
async def test_the_database_is_gone(
    visitor: httpx2.AsyncClient, app: FastAPI, tmp_path: Path, url: str, clock: time_machine.Traveller
) -> None:
    right, app.state.engine = app.state.engine, open_engine(url.format(tmp_path))
    first = (await visitor.get("/health/ready")).json()
    clock.shift(60)
    answer = await visitor.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["database", *PARTS]
    assert answer.json()["database"]["since"] == first["database"]["since"]
    assert "nobody" not in answer.text
    assert (await visitor.get("/health/live")).status_code == 200
    told = await visitor.get("/results", headers={"Accept-Language": "en"})
    assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
    assert "What you did may not have been recorded" in told.text
    await app.state.engine.dispose()
    app.state.engine = right
    assert (await visitor.get("/health/ready")).json()["database"]["ok"]

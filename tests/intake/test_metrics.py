"""Figures for monitoring: true, for those who may read them, and named as the rules and the dashboard say."""

import json
import logging
import re
from datetime import timedelta
from typing import Any

import httpx2
import pytest
import yaml
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.metrics import kept
from schemas.access import Sign
from schemas.database import open_engine, writing
from schemas.moment import now
from schemas.settings import settings
from tests.conftest import SignIn
from tests.databases import ROOT
from tests.story import Story

MONITORING = ROOT / "deploy" / "monitoring"


async def scraped(app: FastAPI, **headers: str) -> dict[tuple[str, str], float]:
    app.state.figures = kept()
    transport = httpx2.ASGITransport(app, client=("127.0.0.1", 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://stad.example.org") as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    samples = [one for family in text_string_to_metric_families(answer.text) for one in family.samples]
    return {(one.name, ",".join(one.labels.values())): one.value for one in samples}


async def test_what_is_counted(app: FastAPI, engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
        question.due_at = now() - timedelta(minutes=1)
        session.add(Sign(name="flows", ok=False, at=now() - timedelta(seconds=40)))
    found = await scraped(app)
    assert found["stadsvraag_database_up", ""] == 1
    assert found["stadsvraag_letters", "owed"] >= 2
    assert found["stadsvraag_letters", "uncertain"] == 0
    assert 0 <= found["stadsvraag_oldest_owed_letter_seconds", ""] < 60
    assert found["stadsvraag_overdue_terms", "question"] == 1
    assert found["stadsvraag_waiting_entries", ""] == 1
    assert found["stadsvraag_questions", "screening"] == 1
    assert found["stadsvraag_part_ok", "flows"] == 0
    assert 39 < found["stadsvraag_part_silent_seconds", "flows"] < 60


async def test_posts_are_timed_by_route(app: FastAPI, browser_as: SignIn, tell: Story) -> None:
    before = (await scraped(app)).get(("stadsvraag_post_seconds_count", "/sign-out"), 0)
    browser = await browser_as(tell.cast.amira)
    await browser.post("/sign-out")
    assert (await scraped(app))["stadsvraag_post_seconds_count", "/sign-out"] == before + 1


async def test_pages_and_api_are_told_apart(app: FastAPI, program_as: SignIn, tell: Story) -> None:
    program = await program_as(tell.cast.amira)
    await program.post("/api/v1/questions", json={})
    assert (await scraped(app))["stadsvraag_post_seconds_count", "/api/v1/questions"] >= 1


async def test_without_the_database_it_says_so(app: FastAPI, engine: AsyncEngine) -> None:
    own, app.state.engine = app.state.engine, open_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    found = await scraped(app)
    app.state.engine = own
    assert found["stadsvraag_database_up", ""] == 0


@pytest.mark.parametrize(("client", "headers"), [
    ("192.0.2.1", {}), ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}), ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}),
])  # fmt: skip
async def test_others_do_not_learn_that_it_is_there(app: FastAPI, client: str, headers: dict[str, str]) -> None:
    transport = httpx2.ASGITransport(app, client=(client, 1))
    async with httpx2.AsyncClient(transport=transport, base_url="http://stad.example.org") as visitor:
        assert (await visitor.get("/metrics", headers=headers)).status_code == 404


async def test_with_a_token_it_alone_counts(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "metrics_token", SecretStr("only-the-monitoring"))
    assert await scraped(app, Authorization="Bearer only-the-monitoring")
    with pytest.raises(AssertionError):
        await scraped(app)
    with pytest.raises(AssertionError):
        await scraped(app, Authorization="Bearer something-else")


async def test_every_request_has_a_trace_that_its_entries_keep(
    browser_as: SignIn, tell: Story, engine: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    async with writing(engine) as session:
        question = await tell.asked(session)
    browser, trace = await browser_as(tell.cast.amira), "0123456789abcdef" * 2
    needs = {"reason": "De opdracht past niet meer bij de planning van dit jaar."}
    with caplog.at_level(logging.INFO, "intake"):
        answer = await browser.post(f"/questions/{question.ref}/steps/withdraw", data=needs,
                                    headers={"traceparent": f"00-{trace}-0123456789abcdef-01"})  # fmt: skip
    assert (answer.status_code, answer.headers["x-trace-id"]) == (303, trace)
    async with engine.connect() as connection:
        found = await connection.exec_driver_sql("SELECT trace FROM entry WHERE step = 'withdraw'")
        assert found.scalar() == trace
    [line] = [one for one in caplog.records if one.name == "intake.tracing"]
    told: dict[str, Any] = vars(line)
    assert (told["ref"], told["status"], told["route"]) == (question.ref, 303, "/questions/{ref}/steps/{step}")
    assert needs["reason"] not in str(told)


async def test_rules_and_dashboard_name_only_what_exists(app: FastAPI, engine: AsyncEngine, browser_as: SignIn,
                                                         tell: Story) -> None:  # fmt: skip
    async with writing(engine) as session:
        await tell.asked(session)
        session.add(Sign(name="flows"))
    await (await browser_as(tell.cast.amira)).post("/sign-out")
    there = {name for name, _ in await scraped(app)}
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))
    board = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    asked += [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    assert len(asked) > 12
    named = {name for one in asked for name in re.findall(r"(?:stadsvraag|process)_\w+", one)}
    assert named <= there, named - there
    assert all(rule["annotations"]["summary"] and rule["annotations"]["do"] for rule in rules["groups"][0]["rules"])

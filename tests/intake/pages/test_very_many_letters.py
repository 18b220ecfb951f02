"""The mail page where there are very many letters: nobody waits for a count, and it says what it does not know."""

import dataclasses
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.many import fill_with
from intake import tally
from intake.desk.walking import MANY
from schemas.moment import now
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page

pytestmark = pytest.mark.anyio


async def test_the_first_thousand_are_counted(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    await fill_with(engine, MANY + 30)
    page = (await (await browser_as(cast.bram)).get("/mail?state=sent&page_number=2")).text
    assert "26 tot en met 50 van 1000+ brieven" in page
    assert "page_number=3" in page


async def test_figures_that_were_not_counted_just_now_say_when(
    app: FastAPI, engine: AsyncEngine, cast: Cast, browser_as: SignIn, program_as: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bram = await browser_as(cast.bram)
    assert "zijn geteld op" not in (await bram.get("/mail")).text
    monkeypatch.setattr(tally, "CHEAP", 0.0)
    monkeypatch.setattr(tally, "SHARE", 1e-9)  # never again
    earlier = app.state.mail_figures
    earlier._found = dataclasses.replace(await earlier.read(engine), at=now() - timedelta(minutes=1))
    page = (await bram.get("/mail")).text
    assert Page(page).wrong() == []
    assert "zijn geteld op" in page
    health = (await (await program_as(cast.bram)).get("/api/v1/mail/health")).json()
    assert datetime.fromisoformat(health["counted_at"]) == earlier._found.at

"""Hints beside the form: places with dates and reasons before anything is sent; nothing that is not for the reader."""

from datetime import date

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import reading, writing
from schemas.links import read_draft_token
from schemas.subjects import Question, Trajectory
from tests.cast import Cast
from tests.conftest import TODAY, SignIn
from tests.intake.pages.reading import Page
from tests.intake.pages.test_ask import begin
from tests.matching.texts import BIKES
from tests.story import Story

pytestmark = pytest.mark.anyio
TYPED = {"title": BIKES.title, "situation": BIKES.situation}
SECRET = "Fietsen bij het station waar niemand van weten mag"


async def test_places_with_dates_and_reasons_before_anything_is_kept(
    visitor: httpx2.AsyncClient, engine: AsyncEngine
) -> None:
    base = await begin(visitor)
    answer = await visitor.post(f"{base}/hints?lang=nl", data=TYPED)
    assert answer.status_code == 200
    assert "Civiele techniek" in answer.text or "Civil Engineering" in answer.text
    assert "Inleveren uiterlijk" in answer.text
    assert "over fiets" in answer.text
    assert "4 plekken zijn nog te bereiken." in answer.text
    async with reading(engine) as session:
        draft = await session.get_one(Question, read_draft_token(base.rsplit("/", 1)[1]))
        assert draft.form == {}


async def test_a_date_that_is_too_soon_says_so_and_a_strange_one_does_no_harm(visitor: httpx2.AsyncClient) -> None:
    base = await begin(visitor)
    soon = TYPED | {"needed_by-day": "1", "needed_by-month": "12", "needed_by-year": "2026"}
    answer = await visitor.post(f"{base}/hints?lang=en", data=soon)
    assert "Nothing that fits can be ready in time." in answer.text
    assert "Too late for you" in answer.text
    assert (await visitor.post(f"{base}/hints", data=TYPED | {"needed_by-day": "99"})).status_code == 200
    assert (await visitor.post("/ask/nergens/hints", data=TYPED)).status_code == 404


async def test_without_scripts_the_next_page_and_the_check_page_say_the_same(visitor: httpx2.AsyncClient) -> None:
    base = await begin(visitor)
    full = TYPED | {"wanted": BIKES.wanted, "use": BIKES.use}
    assert (await visitor.post(f"{base}/1", data=full)).status_code == 303
    following = await visitor.get(f"{base}/2?lang=nl")
    assert "Inleveren uiterlijk" in following.text
    assert Page(following.text).wrong() == []


async def test_a_closed_question_is_met_with_advice_and_goes_on_all_the_same(visitor: httpx2.AsyncClient) -> None:
    base = await begin(visitor)
    closed = {"title": "Bouw een app voor fietsers", "situation": "x", "wanted": "x", "use": "x"}
    assert "Kan het opener?" in (await visitor.post(f"{base}/hints?lang=nl", data=closed)).text
    assert (await visitor.post(f"{base}/1", data=closed)).headers["location"].endswith("/2")


async def test_nobody_reads_of_earlier_questions_what_is_not_theirs(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    same = {"title": SECRET, "situation": BIKES.situation}
    async with writing(engine) as session:
        attempt = await tell.completed(session, await tell.matching(session, **same))
        await tell.draft(session, title="Nog een concept over fietsen bij het station", situation=BIKES.situation)
    base = await begin(visitor)

    async def seen_by(reader: httpx2.AsyncClient) -> str:
        return (await reader.post(f"{base}/hints?lang=nl", data=TYPED)).text

    dirk, amira, bram = [await browser_as(one) for one in (cast.dirk, cast.amira, cast.bram)]
    for reader, may in ((visitor, False), (dirk, False), (amira, True), (bram, True)):
        text = await seen_by(reader)
        assert (SECRET in text) == may
        assert "Nog een concept" not in text
        assert cast.hanna.name not in text

    async def clear(embargo: str | None) -> None:
        async with writing(engine) as session:
            row = await session.get_one(Trajectory, attempt.id)
            row.published_on = date(2026, 11, 24)
            row.clearances = {"owner": {"clearance": "embargo", "embargo_until": embargo}} if embargo else {}

    await clear("2027-03-01")
    assert SECRET not in await seen_by(visitor), "published, but under embargo"
    await clear(None)
    assert f'href="/results/{attempt.ref}"' in await seen_by(visitor)
    assert TODAY.date() == date(2026, 11, 24)

"""What the clock could not do: tried again or put off with a reason, some or all, by those who run the process."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from schemas.database import reading, writing
from schemas.due import due_ids
from schemas.incidents import Incident, Postponement, failed
from schemas.moment import now
from schemas.subjects import Question
from tests.cast import Cast
from tests.conftest import SignIn
from tests.story import Story

WHY = "De leverancier van de agenda herstelt dit morgen."


@pytest.fixture
async def three(engine: AsyncEngine, tell: Story) -> list[Incident]:
    """Three that failed a moment ago and are tried again in half a minute."""
    async with writing(engine) as session:
        for _ in range(3):
            question = await tell.screening(session)
            question.due_at = now() - timedelta(minutes=1)
            await failed(session, Question, question.id, RuntimeError("no"), now())
    async with reading(engine) as session:
        return list(await session.exec(select(Incident).order_by(col(Incident.id))))


async def retried_at(engine: AsyncEngine) -> list[datetime]:
    async with reading(engine) as session:
        return list(await session.exec(select(Incident.retry_at).order_by(col(Incident.id))))


async def test_some_are_tried_again_at_once(three: list[Incident], engine: AsyncEngine, cast: Cast,
                                            browser_as: SignIn) -> None:  # fmt: skip
    bram = await browser_as(cast.bram)
    sent = {"which": "chosen", "incident": [str(three[0].id), str(three[2].id)]}
    answer = await bram.post("/incidents", data=sent)
    assert answer.headers["location"] == "/incidents?done=again&count=2"
    first, second, third = await retried_at(engine)
    assert max(first, third) <= now() < second
    page = (await bram.get(f"{answer.headers['location']}&lang=en")).text
    assert "2 incidents are tried again now" in page


async def test_putting_off_is_kept_with_its_reason(three: list[Incident], engine: AsyncEngine, cast: Cast,
                                                   browser_as: SignIn) -> None:  # fmt: skip
    greta = await browser_as(cast.greta)
    await greta.post("/incidents", data={"which": "all"})
    sent = {"which": "later", "incident": str(three[1].id), "days": "2", "reason": WHY}
    assert (await greta.post("/incidents", data=sent)).status_code == 303
    async with reading(engine) as session:
        [kept] = await session.exec(select(Postponement))
        due = await due_ids(session, Question, now() + timedelta(days=1), 10)
    assert (kept.subject_id, kept.reason, kept.by_id) == (three[1].subject_id, WHY, cast.greta.id)
    assert set(due) >= {three[0].subject_id, three[2].subject_id}
    assert three[1].subject_id not in due
    page = (await greta.get("/incidents?lang=en")).text
    assert WHY in page
    assert cast.greta.name in page


@pytest.mark.parametrize(("changed", "field"), [
    ({"incident": []}, "incident"), ({"days": "0"}, "days"), ({"days": "31"}, "days"), ({"days": "one"}, "days"),
    ({"reason": "  "}, "reason"), ({"reason": "x" * 501}, "reason"),
])  # fmt: skip
async def test_what_is_lacking_is_told_and_nothing_typed_is_lost(
    three: list[Incident], engine: AsyncEngine, cast: Cast, browser_as: SignIn, changed: dict[str, object], field: str
) -> None:
    sent = {"which": "later", "incident": [str(three[1].id)], "days": "7", "reason": WHY} | changed
    answer = await (await browser_as(cast.bram)).post("/incidents", data=sent)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert str(sent["reason"]).strip() in answer.text
    assert f'value="{sent["days"]}"' in answer.text
    assert [one for one in await retried_at(engine) if one > now() + timedelta(hours=1)] == []


async def test_others_may_not(three: list[Incident], engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    before = await retried_at(engine)
    for one in (cast.dirk, cast.amira, cast.eva, cast.femke):
        browser = await browser_as(one)
        sent = {"which": "later", "incident": str(three[0].id), "days": "2", "reason": WHY}
        assert (await browser.post("/incidents", data=sent)).status_code == 403
        assert (await browser.post("/incidents", data={"which": "all"})).status_code == 403
        assert (await browser.get("/incidents")).status_code == 403
    assert await retried_at(engine) == before

"""The coordinator's help: places with reasons, possible duplicates, and knowing better than the ranking."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from intake.app import create_app
from schemas.database import writing
from schemas.ledger import Letter
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.matching.texts import BIKES, RAIN
from tests.story import Story

pytestmark = pytest.mark.anyio
FORM = {"title": BIKES.title, "situation": BIKES.situation, "wanted": BIKES.wanted, "use": BIKES.use}


async def test_a_ranking_with_reasons_and_a_duplicate_that_can_be_merged(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        first = await tell.matching(session, cast.marloes, **FORM)
        second = await tell.screening(session, **FORM | {"title": "Fietsen bij het station"})
    bram = await browser_as(cast.bram)
    page = await bram.get(f"/questions/{second.ref}?lang=nl")
    assert Page(page.text).wrong() == []
    assert "Opleidingen die" in page.text or "De regel adviseert" in page.text
    assert "Inleveren uiterlijk" in page.text
    assert "hoort bij verkeer en vervoer" in page.text
    merge = f"/questions/{second.ref}/steps/merge?other_question={first.ref}"
    assert merge in page.text
    assert f'value="{first.ref}"' in (await bram.get(merge)).text
    amira = await browser_as(cast.amira)
    assert "steps/merge" not in (await amira.get(f"/questions/{second.ref}")).text


async def test_a_coordinator_knows_better_and_that_is_kept_shown_and_learnt(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session, **FORM)
        other = await tell.matching(session, cast.marloes, **FORM | {"title": "Fietsen bij het station"})
    bram, dirk, amira = [await browser_as(one) for one in (cast.bram, cast.dirk, cast.amira)]
    path = f"/questions/{question.ref}/steps/prefer"
    given = {"offering": "ut-uif", "reason": "Zij kennen het stationsplein."}
    assert (await dirk.post(path, data=given)).status_code == 403
    assert (await amira.post(path, data=given)).status_code == 403
    assert (await bram.post(path, data=given | {"reason": ""})).status_code == 400
    assert (await bram.post(path, data=given | {"offering": "bestaat-niet"})).status_code == 400
    assert (await bram.post(path, data=given | {"instead_of": "ut-uif"})).status_code == 400
    assert (await bram.post(path, data=given)).status_code == 303
    page = (await bram.get(f"/questions/{question.ref}?lang=nl")).text
    assert "gekozen door de projectcoördinator: Zij kennen het stationsplein." in page
    ranked = page.split('class="sv-places sv-places--ranked"')[1]
    assert ranked.index("gekozen door de projectcoördinator") < ranked.index("</li>"), "it comes first"
    for reader, may in ((bram, True), (await browser_as(cast.marloes), False)):
        rows = (await reader.get(f"/api/v1/questions/{other.ref}/matches?size=200")).json()["items"]
        codes = {reason["code"] for row in rows if row["offering"] == "ut-uif" for reason in row["reasons"]}
        assert ("preferred_before" in codes) == may
        assert all(row["why"] and row["when"] for row in rows)


async def test_letters_say_by_when_and_otherwise(engine: AsyncEngine, tell: Story) -> None:
    assert create_app, "whoever owes letters has matching's facts registered by importing the application"
    async with writing(engine) as session:
        question = await tell.matching(
            session,
            title=RAIN.title,
            situation=RAIN.situation,
            wanted=RAIN.wanted,
            use=RAIN.use,
            needed_by="2027-12-31",
        )
        letters = (await session.exec(select(Letter).where(Letter.question_id == question.id))).all()
    told = {one.name: one.facts.get("reach") for one in letters}
    assert told["receipt"]
    assert told["accepted"]
    assert told.get("new-question") is None
    days = [way["by"] for way in told["accepted"]]
    assert days == sorted(days)
    assert all(
        "2026-11-24" <= way["by"] < way["starts_on"] < way["result_by"] <= "2027-12-31" for way in told["accepted"]
    )

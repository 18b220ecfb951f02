"""A broker's pages: what waits, what is on offer, next year's editions; and nobody else's doors."""

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select

from intake.institution.copying import following
from schemas.database import reading, writing
from schemas.parties import Offering
from schemas.subjects import Question
from schemas.supply import Edition, OfferLimit, SupplyChange
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

UT, ARTEZ = "/institution/ut", "/institution/artez"
PAGES = ("/catalogue", "/catalogue/new", "/catalogue/ut-htht", "/catalogue/ut-htht/change", "/editions", "/copy",
         "/edition?offering=ut-htht&term=ut:2026/27:2A", "/import", "/changes", "/file")  # fmt: skip
FORM = {"name_nl": "Stadslab", "name_en": "City lab", "kind": "lab", "level": "wo", "languages": "nl", "periods": "S1"}


async def test_nobody_else_comes_in(cast: Cast, browser_as: SignIn, visitor: httpx2.AsyncClient) -> None:
    for other in (cast.dirk, cast.ivo, cast.bram, cast.frank, cast.chen):
        browser = await browser_as(other)
        assert [(await browser.get(UT + page)).status_code for page in PAGES] == [403] * len(PAGES), other.name
        for page in ("/catalogue/new", "/catalogue/ut-htht/change", "/catalogue/ut-htht/stop", "/copy", "/limit",
                     "/catalogue/ut-htht/resume", "/editions?year=2026/27", "/import",
                     "/edition?offering=ut-htht&term=ut:2026/27:2A"):  # fmt: skip
            assert (await browser.post(UT + page, data=FORM | {"year": "2026/27"})).status_code == 403, page
    assert (await visitor.get(f"{UT}/catalogue")).status_code == 303
    assert (await (await browser_as(cast.dirk)).get("/institution")).status_code == 403
    femke = await browser_as(cast.femke)
    assert (await femke.get(f"{UT}/catalogue/saxion-project-week")).status_code == 404


async def test_offers_come_first_and_those_of_others_do_not_come(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        offered = await tell.offered(session, await tell.matching(session, title="Waar rust je uit in de stad?"))
        running = await tell.running(session, await tell.matching(session, title="Wat kost een boom?"))
        await tell.offered(session, await tell.matching(session, title="Wie veegt de straat?"), at="saxion")
    text = (await (await browser_as(cast.femke)).get("/institution?lang=nl")).text
    assert Page(text).wrong() == []
    assert 0 < text.index("Waar rust je uit in de stad?") < text.index("Wat kost een boom?")
    assert f"/trajectories/{offered.ref}/steps/take_on" in text
    assert f"/trajectories/{offered.ref}/steps/decline" in text
    assert "Na dinsdag 15 december 2026 vervalt de aanbieding" in text
    assert "Wie veegt de straat?" not in text
    chen = (await (await browser_as(cast.chen)).get("/institution?lang=en")).text
    assert "Wat kost een boom?" in chen
    assert "Waar rust je uit in de stad?" not in chen
    assert str(running.ref) in chen


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_page_is_well_made(cast: Cast, browser_as: SignIn, language: str) -> None:
    greta, femke = await browser_as(cast.greta), await browser_as(cast.femke)
    for browser in (greta, femke):
        for page in ("/institution", *(UT + one for one in PAGES[:-1])):
            answer = await browser.get(page, params={"lang": language} if "?" not in page else None)
            assert (page, answer.status_code, Page(answer.text).wrong()) == (page, 200, [])


async def test_an_offering_is_added_changed_and_stopped_and_the_page_tells_who_did_it(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    femke = await browser_as(cast.femke)
    wrong = await femke.post(f"{UT}/catalogue/new?lang=en", data=FORM | {"name_en": "", "weeks_min": "tien"})
    assert (wrong.status_code, Page(wrong.text).wrong()) == (400, [])
    assert 'value="tien"' in wrong.text
    assert "Name in English: Fill this in." in wrong.text
    made = await femke.post(f"{UT}/catalogue/new", data=FORM | {"keywords_nl": "boom\nbank", "languages": ["nl", "en"]})
    where = f"{UT}/catalogue/ut-stadslab"
    assert made.headers["location"] == f"{where}?done=added"
    change = FORM | {"name_en": "Urban lab", "seats": "3", "hand_in_weeks": "8"}
    assert (await femke.post(f"{where}/change", data=change)).headers["location"] == f"{where}?done=changed"
    assert (await femke.post(f"{where}/change", data=change)).headers["location"] == f"{where}?done=nothing"
    text = (await femke.get(f"{where}?lang=en")).text
    assert "City lab → Urban lab" in text
    assert cast.femke.name in text
    assert "3 of 3 left" in text
    await femke.post(f"{where}/stop")
    assert "ut-stadslab" not in (await femke.get(f"{UT}/catalogue")).text
    assert "ut-stadslab" in (await femke.get(f"{UT}/catalogue?show=stopped")).text
    await femke.post(f"{where}/resume")
    async with reading(engine) as session:
        row = await session.get_one(Offering, "ut-stadslab")
        assert (row.offered, row.data["hand_in_weeks"]) == (True, 8)
        assert list(await session.exec(select(SupplyChange.what).order_by(SupplyChange.id))) == [  # type: ignore[arg-type]
            "added", "changed", "stopped", "resumed"
        ]  # fmt: skip


async def test_a_year_is_filled_in_at_once_and_not_over_what_another_did(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    ursula = await browser_as(cast.ursula)
    where, key = f"{ARTEZ}/editions?year=2027/28&code=S1", "artez-biolab artez:2027/28:S1"
    form = {f"was {key}": "/yes", f"seats {key}": "4", f"open {key}": "yes"}
    assert (await ursula.post(where, data=form)).headers["location"].endswith("done=saved&count=1")
    assert (await ursula.post(where, data=form | {f"was {key}": "4/yes"})).headers["location"].endswith("count=0")
    late = await ursula.post(where + "&lang=en", data=form | {f"seats {key}": "9"})
    assert (late.status_code, "Somebody else has changed this meanwhile" in late.text) == (400, True)
    wrong = await ursula.post(where + "&lang=en", data=form | {f"was {key}": "4/yes", f"seats {key}": "veel"})
    assert (wrong.status_code, 'value="veel"' in wrong.text, Page(wrong.text).wrong()) == (400, True, [])
    async with reading(engine) as session:
        assert (await session.exec(select(Edition.seats))).all() == [4]


async def test_copying_a_year_forward_tells_first_what_comes_of_it_and_doubles_nothing(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    ursula = await browser_as(cast.ursula)
    edition = f"{ARTEZ}/edition?offering=artez-biolab&term=artez:2026/27:S2"
    days = {"hand_in_by-year": "2027", "hand_in_by-month": "1", "hand_in_by-day": "25", "seats": "2", "open": "yes"}
    assert (await ursula.post(edition, data=days)).status_code == 303
    preview = (await ursula.get(f"{ARTEZ}/copy?year=2026/27&lang=en")).text
    assert "Monday, January 31, 2028" in preview or "Monday 31 January 2028" in preview
    for count in ("27", "0"):
        done = await ursula.post(f"{ARTEZ}/copy", data={"year": "2026/27"})
        assert done.headers["location"] == f"{ARTEZ}/editions?year=2027/28&done=copied&count={count}"
    async with reading(engine) as session:
        query = select(Edition).where(Edition.offering_id == "artez-biolab", Edition.term_id == "artez:2027/28:S2")
        copied = (await session.exec(query)).one()
        assert (str(copied.hand_in_by), copied.seats, copied.starts_on) == ("2028-01-31", 2, None)
        assert (await session.exec(select(func.count()).select_from(Edition))).one() == 28
    missing = (await ursula.get(f"{ARTEZ}/copy?year=2027/28&lang=en")).text
    assert "The calendar of 2028/29 is not complete" in missing
    nothing = await ursula.post(f"{ARTEZ}/copy", data={"year": "2027/28"})
    assert nothing.headers["location"].endswith("count=0")


def test_the_year_after() -> None:
    assert [following(year) for year in ("2026/27", "2098/99", "2099/00", "2027")] == [
        "2027/28", "2099/00", "2100/01", "2028"
    ]  # fmt: skip


async def test_the_limit_on_offers_reaches_the_coordinator(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    femke, bram = await browser_as(cast.femke), await browser_as(cast.bram)
    wrong = await femke.post(f"{UT}/limit?lang=en", data={"open_offers": "veel"})
    assert (wrong.status_code, "Fill in a number." in wrong.text, 'value="veel"' in wrong.text) == (400, True, True)
    await femke.post(f"{UT}/limit", data={"open_offers": "0"})
    async with writing(engine) as session:
        question: Question = await tell.matching(session)
    answer = await bram.post(f"/questions/{question.ref}/steps/offer?lang=en", data={"institution": "ut"})
    assert (answer.status_code, "takes no more than 0 offers at once" in answer.text) == (400, True)
    await femke.post(f"{UT}/limit", data={"open_offers": ""})
    async with reading(engine) as session:
        assert not (await session.exec(select(OfferLimit))).all()


async def test_a_broker_sees_that_an_edition_is_full_and_may_make_room(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        session.add(Edition(offering_id="ut-create-graduation-project", term_id="ut:2026/27:2A", seats=0))
        one = await tell.placing(session)
    femke, where = await browser_as(cast.femke), f"/trajectories/{one.ref}/steps/place"
    form = {"offering": "ut-create-graduation-project", "term": "ut:2026/27:2A", "lecturer_name": cast.chen.name,
            "lecturer_email": cast.chen.email}  # fmt: skip
    looked = await femke.post(where + "?lang=en", data=form | {"look": "1"})
    assert (looked.status_code, "full: 0 of 0 left" in looked.text, "overbook" in looked.text) == (200, True, False)
    assert "hand in by" in looked.text
    full = await femke.post(where + "?lang=en", data=form)
    assert (full.status_code, "No seat is left in this edition" in full.text, 'name="overbook"' in full.text) == (
        400, True, True
    )  # fmt: skip
    assert (await femke.post(where, data=form | {"overbook": "yes"})).status_code == 303

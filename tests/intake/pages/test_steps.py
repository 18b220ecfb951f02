"""Taking a step on a page: letters first, faults stay at their field, the late are told, strangers are refused."""

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select

from intake.headers import HEADERS
from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
SCORES = {f"scores.{name}": "2" for name in ("relevance", "learning", "openness", "feasibility", "use")}


async def test_reading_the_letters_first_changes_nothing(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    bram = await browser_as(cast.bram)
    sent = {"note": "Om welke straten gaat het precies?", "preview": "1"}
    async with reading(engine) as session:
        before = (await session.exec(select(func.count()).select_from(Letter))).one()
    page = await bram.post(f"/questions/{question.ref}/steps/ask_back", data=sent)
    assert page.status_code == 200
    assert page.text.count("Om welke straten gaat het precies?") >= 2
    assert 'class="sv-letter"' in page.text
    async with reading(engine) as session:
        assert (await session.exec(select(func.count()).select_from(Letter))).one() == before
        assert (await session.exec(select(Entry.step).order_by(Entry.id))).all() == ["submit"]  # type: ignore[arg-type]


async def test_faults_stay_at_their_fields_with_what_was_typed(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    bram = await browser_as(cast.bram)
    sent = SCORES | {"scores.use": "", "advice": "accept", "explanation": "Past goed bij een minor."}
    answer = await bram.post(f"/questions/{question.ref}/steps/put_forward", data=sent)
    page = Page(answer.text)
    assert answer.status_code == 400
    assert page.wrong() == []
    assert {one for one in page.ids if one.endswith("-error")} == {"scores.use-error"}
    assert "Past goed bij een minor." in answer.text
    assert (await bram.post(f"/questions/{question.ref}/steps/put_forward", data=sent | SCORES)).status_code == 303


async def test_every_open_step_has_a_page_that_is_whole(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    states = ("submitted", "screening", "unclear", "triage", "matching", "underway", "on_hold", "answered", "rejected")
    seen: set[str] = set()
    async with writing(engine) as session:
        refs = [(await tell.state(session, "question", state)).ref for state in states]
    for person in (cast.bram, cast.amira, cast.eva, cast.chen, cast.femke):
        browser = await browser_as(person)
        for ref in refs:
            page = Page((await browser.get(f"/questions/{ref}")).text)
            for link in {one for one in page.links if "/steps/" in one}:
                answer = await browser.get(link)
                assert (answer.status_code, Page(answer.text).wrong()) == (200, []), (person.name, link)
                seen.add(link.rpartition("/")[2])
    assert len(seen) >= 18, sorted(seen)


async def test_the_second_coordinator_is_told_what_is_true_now(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    bram, address = await browser_as(cast.bram), f"/questions/{question.ref}/steps/accept"
    assert (await bram.post(address, data={"route": "any"})).status_code == 303
    late = await bram.post(f"{address}?lang=nl", data={"route": "any"})
    assert late.status_code == 409
    assert "zoekt een opleiding" in late.text
    assert f"/questions/{question.ref}" in Page(late.text).links


async def test_a_form_from_another_site_is_refused(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    bram = await browser_as(cast.bram)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        answer = await bram.post(f"/questions/{question.ref}/steps/accept", data={"route": "any"}, headers=headers)
        assert answer.status_code == 403
    async with reading(engine) as session:
        assert (await session.exec(select(func.count()).select_from(Entry))).one() == 1


@pytest.mark.parametrize("ref", ["ES-2026-9999-0", "onzin", "ES-2026-0001-Z", "../../etc/passwd", "%00"])
async def test_an_unknown_reference_helps(cast: Cast, browser_as: SignIn, ref: str) -> None:
    bram = await browser_as(cast.bram)
    answer = await bram.get(f"/questions/{ref}")
    assert answer.status_code == 404
    assert "/desk" in Page(answer.text).links
    assert Page(answer.text).wrong() == []
    for place in (f"/trajectories/{ref}", f"/results/{ref}"):
        assert (await bram.get(place)).status_code == 404
    assert (await bram.get(f"/desk?text={ref}")).status_code == 200


async def test_security_headers_are_on_every_answer(visitor: httpx2.AsyncClient) -> None:
    answers = [
        await visitor.get("/"), await visitor.get("/nergens"), await visitor.get("/desk"),
        await visitor.get("/static/stadsvraag.css"),
        await visitor.get("/api/v1/process"), await visitor.post("/ask"), await visitor.get("/demo/people"),
        await visitor.post("/ask", headers={"Sec-Fetch-Site": "cross-site"}), await visitor.get("/health/live"),
        await visitor.post("/sign-in", data={"email": "x" * 2_000_000}),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} >= {200, 303, 403, 404, 413}
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value, (answer.url, answer.status_code, name)

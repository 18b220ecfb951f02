"""One step on several questions: what can be chosen, what will happen, and what happened to each."""

import re

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.subjects import Question, Trajectory
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
REJECT = {"reason": "Dit past niet bij onderwijs.", "alternative": "Het team Mobiliteit."}
Sent = dict[str, str | list[str]]


def hidden(page: str) -> Sent:
    """The hidden fields of the form on a page, as a browser sends them."""
    found: Sent = {}
    for name, value in HIDDEN.findall(page):
        known = found.get(name)
        found[name] = [*known, value] if isinstance(known, list) else [known, value] if known else value
    return found


async def three(engine: AsyncEngine, tell: Story) -> list[str]:
    async with writing(engine) as session:
        made = [await tell.screening(session), await tell.screening(session), await tell.matching(session)]
        return [str(one.ref) for one in made]


async def ahead(browser: httpx2.AsyncClient, refs: list[str], step: str, typed: dict[str, str]) -> Sent:
    """What the page that shows what will happen would send on."""
    form = await browser.get("/desk/steps", params={"row": refs, "step": step, "from": "/desk?view=open"})
    assert Page(form.text).wrong() == []
    page = await browser.post("/desk/steps", data=hidden(form.text) | typed)
    assert Page(page.text).wrong() == []
    return hidden(page.text)


async def states(engine: AsyncEngine, refs: list[str]) -> list[str]:
    async with reading(engine) as session:
        rows = {row.ref: row.state for row in await session.exec(select(Question).where(col(Question.ref).in_(refs)))}
    return [rows[ref] for ref in refs]


async def count(engine: AsyncEngine, table: type[Entry | Letter]) -> int:
    async with reading(engine) as session:
        return (await session.exec(select(func.count(col(table.id))))).one()


async def test_from_ticking_to_what_happened(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    refs = await three(engine, tell)
    bram = await browser_as(cast.bram)
    choices = (await bram.get("/desk/steps", params={"row": refs})).text
    assert Page(choices).wrong() == []
    assert "Kan bij 3 van de 3." in choices.split('value="question.reject"')[1].split("</div>")[0] + choices
    assert 'value="question.put_forward"' not in choices  # scores are given to each by itself
    before = await count(engine, Letter)
    sent = await ahead(bram, refs, "question.reject", REJECT)
    assert await states(engine, refs) == ["screening", "screening", "matching"]
    assert await count(engine, Letter) == before
    done = await bram.post("/desk/steps", data=sent | {"sure": "1"})
    assert await states(engine, refs) == ["rejected"] * 3
    page = (await bram.get(done.headers["location"])).text
    assert Page(page).wrong() == []
    assert "Gedaan bij 3 van de 3." in page
    assert cast.amira.email in page
    again = await bram.post("/desk/steps", data=sent | {"sure": "1"})
    assert again.headers["location"] == done.headers["location"]
    assert await count(engine, Letter) == before + 3


async def test_each_row_by_itself(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    refs = await three(engine, tell)
    bram = await browser_as(cast.bram)
    sent = await ahead(bram, refs, "question.hold", {"until-day": "3", "until-month": "3", "until-year": "2027",
                                                     "reason": "Eerst de begroting."})  # fmt: skip
    async with writing(engine) as session:
        other = (await session.exec(select(Question).where(Question.ref == refs[1]))).one()
        await tell.take(session, other, "withdraw", cast.amira)
    done = (await bram.post("/desk/steps", data=sent | {"sure": "1"})).headers["location"]
    assert await states(engine, refs) == ["on_hold", "withdrawn", "on_hold"]
    page = (await bram.get(done)).text
    assert "Gedaan bij 2 van de 3." in page
    assert "De stand is nu: ingetrokken." in page
    entries = await count(engine, Entry)
    assert (await bram.post(f"{done}/retry")).headers["location"] == done
    assert await count(engine, Entry) == entries
    async with writing(engine) as session:
        other = (await session.exec(select(Question).where(Question.ref == refs[1]))).one()
        await tell.take(session, other, "reopen", cast.bram)
    await bram.post(f"{done}/retry")
    assert await states(engine, refs) == ["on_hold"] * 3
    for who in (cast.dirk, cast.eva):
        others = await browser_as(who)
        assert (await others.get(done)).status_code == 404
        assert (await others.post(f"{done}/retry")).status_code == 404


async def test_a_mistake_is_told_at_its_field(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    refs = await three(engine, tell)
    bram = await browser_as(cast.bram)
    form = await bram.get("/desk/steps", params={"row": refs, "step": "question.reject"})
    faulty = await bram.post("/desk/steps", data=hidden(form.text) | {"reason": "Te groot."})
    assert faulty.status_code == 400
    assert Page(faulty.text).wrong() == []
    assert "Te groot." in faulty.text
    assert 'href="#alternative"' in faulty.text
    assert (await bram.get("/desk/steps")).status_code == 400
    assert (await bram.get("/desk/steps", params={"row": refs, "go": "1"})).status_code == 400
    for step in ("question.nonsense", "nonsense", "question.put_forward", ""):
        assert (await bram.post("/desk/steps", data={"step": step, "subject": refs})).status_code == 404
    assert await states(engine, refs) == ["screening", "screening", "matching"]


async def test_who_may_not_see_a_question_does_nothing_to_it(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    refs = await three(engine, tell)
    dirk, femke = await browser_as(cast.dirk), await browser_as(cast.femke)
    for browser in (dirk, femke):
        page = await browser.get("/desk/steps", params={"row": refs})
        assert (page.status_code, "Waar stallen" in page.text) == (400, False)
        wish: Sent = {"step": "question.reject", "subject": [*refs, "XX-2026-0001-A"], "key": "k", **REJECT}
        seen = await browser.post("/desk/steps", data=wish)
        assert "Waar stallen" not in seen.text
        done = await browser.post("/desk/steps", data=wish | {"sure": "1"})
        told = (await browser.get(done.headers["location"])).text
        assert "Gedaan bij 0 van de 4." in told
        assert "Waar stallen" not in told
    assert await states(engine, refs) == ["screening", "screening", "matching"]


async def test_a_broker_takes_on_two_offers_at_once(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        offers = [await tell.offered(session), await tell.offered(session)]
        await tell.offered(session, await session.get_one(Question, offers[0].question_id), "saxion")
    femke, refs = await browser_as(cast.femke), [one.ref.rpartition(".")[0] for one in offers]
    sent = await ahead(femke, refs, "trajectory.take_on", {"note": "Graag."})
    assert sent["subject"] == [one.ref for one in offers]
    await femke.post("/desk/steps", data=sent | {"sure": "1"})
    async with reading(engine) as session:
        rows = {row.ref: row.state for row in await session.exec(select(Trajectory))}
    assert [rows[one.ref] for one in offers] == ["placing", "placing"]
    assert sorted(rows.values()) == ["offered", "placing", "placing"]

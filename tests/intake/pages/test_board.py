"""The offering board: what can still make which term, why not, and asking institutions from it to a place."""

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from flows.prospects import look_again
from flows.work import Hands, Work
from matching.board import STATES, Board
from matching.offerings import Known, QuestionText
from matching.prospects import Supply
from matching.rows import question_text
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.links import letter_token
from schemas.subjects import Question, Trajectory
from schemas.supply import Edition, OfferLimit
from tests.cast import Cast
from tests.conftest import TODAY, SignIn
from tests.intake.pages.reading import Page
from tests.matching.texts import BIKES, RAIN
from tests.story import Story

pytestmark = pytest.mark.anyio


def form(text: QuestionText) -> dict[str, Any]:
    return {name: getattr(text, name) for name in ("title", "situation", "wanted", "use")}


async def worked_out(engine: AsyncEngine) -> None:
    await look_again.fn(Work("prospects", Hands(engine)))


async def states(engine: AsyncEngine, ref: str | None) -> dict[str, str]:
    async with reading(engine) as session:
        query = select(Trajectory).join(Question).where(Question.ref == ref).order_by(Trajectory.ref)
        return {one.institution_id: one.state for one in await session.exec(query)}


async def test_who_may_see_it(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
    offers = f"/questions/{question.ref}/offers"
    for person in (cast.bram, cast.eva, cast.lars, cast.frank):
        browser = await browser_as(person)
        assert (await browser.get("/board")).status_code == 200
        assert 'href="/board"' in (await browser.get("/desk")).text
        assert (await browser.get(offers)).status_code == 200
        assert ('name="order"' in (await browser.get(offers)).text) == (person is cast.bram), person.name
    for person in (cast.dirk, cast.femke, cast.chen, cast.amira, cast.els, cast.daan):
        browser = await browser_as(person)
        assert (await browser.get("/board")).status_code == 403, person.name
        assert (await browser.get(offers)).status_code == 403, person.name
        assert 'href="/board"' not in (await browser.get("/desk")).text
    for person in (cast.dirk, cast.femke, cast.eva, cast.frank):
        browser = await browser_as(person)
        sent = {"rank:ut-uif": "1", "order": "in_order"}
        assert (await browser.post(offers, data=sent)).status_code == 403, person.name
        assert (await browser.post(f"{offers}/next", data={"offering": "ut-uif"})).status_code in (403, 409)
    assert await states(engine, question.ref) == {}


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_rows_cells_and_the_sentence_on_top(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn, language: str
) -> None:
    bram = await browser_as(cast.bram)
    empty = await bram.get(f"/board?lang={language}")
    assert Page(empty.text).wrong() == []
    async with writing(engine) as session:
        one = await tell.matching(session, **form(BIKES))
        two = await tell.triage(session, cast.marloes, **form(RAIN))
        session.add(OfferLimit(institution_id="saxion", most=0))
    await worked_out(engine)
    page = (await bram.get(f"/board?lang={language}")).text
    assert Page(page).wrong() == []
    assert {one.ref, two.ref} <= set(re.findall(r"[EH][SE]-2026-\d{4}-\w", page))
    said = {"nl": ("1 vraag", "haalbaar", "limiet bereikt", "0 van 0"),
            "en": ("1 question", "reachable", "limit reached", "0 of 0")}[language]  # fmt: skip
    assert all(word in page for word in said), said
    narrow = (await bram.get(f"/board?lang={language}&institution=roc-twente&challenge=talent")).text
    assert one.ref not in narrow
    later = (await bram.get(f"/board?lang={language}&terms=5")).text
    assert Page(later).wrong() == []


async def test_a_full_edition_is_shown_as_full_and_a_closed_and_a_missed_one_too(
    engine: AsyncEngine, tell: Story
) -> None:
    """The flaw that was known: what is full was silently left out."""
    async with writing(engine) as session:
        question = await tell.matching(session, **form(BIKES))
    async with reading(engine) as session:
        supply = await Supply.of(session, TODAY.date())
        columns = Board(supply).columns("ut")
        before = Board(supply).cells(question_text(question), columns, None, Known())
    term, cell = next((key, one) for key, one in before.items() if one.state == "reachable")
    every = [one.id for one in supply.offerings if one.institution == "ut"]
    found = []
    for change in ({"seats": 0}, {"open": False}, {"hand_in_by": date(2026, 11, 1)}):
        async with writing(engine) as session:
            for row in await session.exec(select(Edition).where(Edition.term_id == term)):
                await session.delete(row)
            await session.flush()
            session.add_all([Edition(offering_id=one, term_id=term, **change) for one in every])
        async with reading(engine) as session:
            board = Board(await Supply.of(session, TODAY.date()))
            cells = board.cells(question_text(question), board.columns("ut"), None, Known())
            found.append(cells[term].state if term in cells else "no column")
    assert found == ["full", "closed", "no column"], "a term that has passed as a whole has no column"
    assert cell.state == STATES[0]


async def declined_by_the_first(engine: AsyncEngine, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        [one] = list(await session.exec(select(Trajectory)))
        await tell.take(session, one, "decline", cast.broker(one.institution_id), reason="Te weinig studenten.")


async def test_from_the_board_in_order_to_a_yes(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session, **form(BIKES))
    bram, path = await browser_as(cast.bram), f"/questions/{question.ref}/offers"
    assert path in (await bram.get("/board")).text
    assert path in (await bram.get(f"/questions/{question.ref}")).text
    shown = await bram.get(f"{path}?lang=nl")
    assert Page(shown.text).wrong() == []
    values = re.findall(r'name="rank:([^"]+)"', shown.text)
    first = values[0]
    second = next(one for one in values if one.split("-")[0] != first.split("-")[0])
    nothing = await bram.post(path, data={"order": "in_order"})
    assert nothing.status_code == 400
    assert 'href="#places"' in nothing.text
    sent = {
        f"rank:{first}": "1",
        f"rank:{second}": "2",
        "order": "in_order",
        "answer_days": "7",
        "message": "Past dit?",
    }
    ahead = await bram.post(path, data=sent | {"preview": "1"})
    assert ahead.status_code == 200
    assert await states(engine, question.ref) == {}, "looking changes nothing"
    assert "Past dit?" in ahead.text
    done = await bram.post(path, data=sent)
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=ask_around")
    await declined_by_the_first(engine, cast, tell)
    page = (await bram.get(f"{path}?lang=nl")).text
    assert Page(page).wrong() == []
    assert "Te weinig studenten." in page
    assert "Wie nu aan de beurt is" in page
    [offering] = re.findall(r'name="offering" value="([^"]+)"', page)
    assert second.startswith(offering)
    assert (await bram.post(f"{path}/next", data={"offering": offering})).status_code == 303
    assert (await bram.post(f"{path}/next", data={"offering": offering})).status_code == 409, "once"
    assert sorted((await states(engine, question.ref)).values()) == ["declined", "offered"]
    assert Page((await bram.get("/board?lang=en")).text).wrong() == []


async def test_at_once_and_an_institution_at_its_limit(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session, **form(BIKES))
        session.add(OfferLimit(institution_id="saxion", most=0))
    bram = await browser_as(cast.bram)
    path = f"/questions/{question.ref}/offers"
    sent = {"rank:ut-uif": "1", "rank:saxion-project-week": "1", "order": "at_once", "others": "retract"}
    refused = await bram.post(path + "?lang=en", data=sent)
    assert refused.status_code == 400
    assert "takes no more offers now: International Project Week" in refused.text
    assert await states(engine, question.ref) == {}
    assert (await bram.post(path, data=sent | {"rank:saxion-project-week": "", "rank:roc-hub": "2"})).status_code == 303
    assert await states(engine, question.ref) == {"ut": "offered", "roc-twente": "offered"}
    only = await bram.post(path, data={"rank:saxion-project-week": "1", "order": "in_order"})
    assert only.status_code == 303
    page = (await bram.get(path + "?lang=nl")).text
    assert "Niemand uit deze volgorde kan nu gevraagd worden" in page


async def test_a_letter_about_a_no_leads_there(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        one = await tell.declined(session)
        question = await session.get_one(Question, one.question_id)
        letter = (await session.exec(select(Letter).where(Letter.name == "declined"))).one()
    bram = await browser_as(cast.bram)
    answer = await bram.get(f"/l/{letter_token(letter.id)}")
    assert answer.headers["location"] == f"/questions/{question.ref}/offers"

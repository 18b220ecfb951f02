"""Meetings on the pages: planned with letters, moved, cancelled, closed; seen by the committee's side only."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.meetings import Meeting
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.sitting import sitting
from tests.story import Story

pytestmark = pytest.mark.anyio
FORM = {"day-day": "12", "day-month": "1", "day-year": "2027", "begins": "14:00", "ends": "15:30", "place": "Stadhuis"}
GETS = ("", "/pack", "/pack.pdf", "/decisions", "/decisions.pdf", "/screen")
POSTS = ("move", "cancel", "close", "present", "accept")


async def letters(engine: AsyncEngine, name: str) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).where(Letter.name == name)))


async def test_planned_moved_and_cancelled(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    bram, eva = await browser_as(cast.bram), await browser_as(cast.eva)
    assert "Er is geen vergadering gepland" in (await eva.get("/meetings?lang=nl")).text
    assert (await bram.post("/meetings", data=FORM)).headers["location"] == "/meetings/1?done=planned"
    told = await letters(engine, "meeting-planned")
    assert {one.email for one in told} == {one.email for one in (*cast.committee, cast.bram)}
    assert {one.facts["meeting"]["pack_day"] for one in told} == {"2027-01-05"}
    assert "Dinsdag 12 januari 2027" in (await eva.get("/meetings?lang=nl")).text
    moved = await eva.post("/meetings/1/move", data=FORM | {"day-day": "13", "begins": "9:30"})
    assert moved.headers["location"] == "/meetings/1?done=moved"
    [one] = [row for row in await letters(engine, "meeting-moved") if row.email == cast.lars.email]
    assert (one.facts["meeting"]["sequence"], one.facts["meeting"]["was"]) == (1, "12 jan 2027, 14:00")
    await eva.post("/meetings/1/move", data=FORM | {"day-day": "13", "begins": "9:30"})
    assert len(await letters(engine, "meeting-moved")) == 7  # nothing was different: nobody is written to
    await bram.post("/meetings/1/cancel", data={"reason": "Te weinig leden."})
    [one] = [row for row in await letters(engine, "meeting-cancelled") if row.email == cast.lars.email]
    assert (one.facts["meeting"]["sequence"], one.facts["meeting"]["reason"]) == (2, "Te weinig leden.")
    again = await bram.post("/meetings/1/cancel?lang=en", data={"reason": ""})
    assert (again.status_code, "does not take place." in again.text) == (400, True)


async def test_faults_stay_at_their_fields_with_what_was_typed(cast: Cast, browser_as: SignIn) -> None:
    bram = await browser_as(cast.bram)
    answer = await bram.post("/meetings?lang=en", data=FORM | {"begins": "half twee", "place": "", "day-month": "13"})
    page = Page(answer.text)
    assert (answer.status_code, page.wrong()) == (400, [])
    assert {one for one in page.ids if one.endswith("-error")} == {"day-error"}
    answer = await bram.post("/meetings?lang=en", data=FORM | {"begins": "half twee", "place": ""})
    page = Page(answer.text)
    assert {one for one in page.ids if one.endswith("-error")} == {"begins-error", "place-error"}
    assert 'value="half twee"' in answer.text


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_page_is_whole_for_whoever_may_see_it(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn, language: str
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        meeting = await sitting(session, cast)
    for person in (cast.bram, cast.eva, cast.lars, cast.frank):
        browser = await browser_as(person)
        for part in (*GETS, f"/screen/{question.ref}"):
            answer = await browser.get(f"/meetings/{meeting.id}{part}?lang={language}")
            assert answer.status_code == 200, (person.name, part)
            if part.endswith(".pdf"):
                assert answer.content.startswith(b"%PDF-")
            else:
                assert Page(answer.text).wrong() == [], (person.name, part)
        host = person in (cast.bram, cast.eva)
        assert (await browser.get("/meetings/new")).status_code == (200 if host else 403)
    assert (await (await browser_as(cast.bram)).get("/meetings/999")).status_code == 404


async def test_others_are_refused_everywhere(engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        meeting = await sitting(session, cast)
    base = f"/meetings/{meeting.id}"
    for person in (cast.dirk, cast.amira, cast.femke, cast.daan):
        browser = await browser_as(person)
        assert "/meetings" not in Page((await browser.get("/results")).text).links
        for address in ("/meetings", "/meetings/new", *(base + part for part in (*GETS, f"/screen/{question.ref}"))):
            assert (await browser.get(address)).status_code == 403, (person.name, address)
    for person in (cast.dirk, cast.lars, cast.frank):  # members and the executive look, and run nothing
        browser = await browser_as(person)
        posts = ["/meetings", *(f"{base}/{part}" for part in POSTS), f"{base}/screen/{question.ref}"]
        for address in posts:
            assert (await browser.post(address, data=FORM | {"reason": "x"})).status_code == 403, (person.name, address)
    async with reading(engine) as session:
        again = await session.get_one(Meeting, meeting.id)
        assert (again.open, again.sequence, again.present) == (True, 0, meeting.present)


async def test_closing_freezes_the_list_and_mails_it(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        meeting = await sitting(session, cast)
    bram, base = await browser_as(cast.bram), f"/meetings/{meeting.id}"
    await bram.post(f"{base}/accept", data={"refs": question.ref})
    assert (await bram.post(f"{base}/close")).headers["location"] == f"{base}/decisions?done=closed"
    found = await letters(engine, "decision-list")
    assert len(found) == 7
    decided = found[0].facts["meeting"]["decided"]
    assert [(one["ref"], one["outcome"]) for one in decided] in (
        [(question.ref, "Aannemen")],
        [(question.ref, "Accept")],
    )
    assert found[0].facts["meeting"]["paper"]["kind"] == "decisions"
    async with writing(engine) as session:
        later = await tell.triage(session)
    assert later.ref not in (await bram.get(f"{base}/decisions")).text
    assert (await bram.post(f"{base}/close")).status_code == 400
    assert len(await letters(engine, "decision-list")) == 7

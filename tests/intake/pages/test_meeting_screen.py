"""The screen: who is present, everybody's votes in one go, several accepted at once; what the owner does not see."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import reading, writing
from schemas.subjects import Question
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.sitting import sitting
from tests.story import Story

pytestmark = pytest.mark.anyio


async def state(engine: AsyncEngine, question: Question) -> str:
    async with reading(engine) as session:
        return (await session.get_one(Question, question.id)).state


async def test_votes_in_one_go_and_the_minority_on_the_questions_page(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast, cast.eva)
        await tell.take(session, question, "vote", cast.mona, vote="hold", until="2027-06-01", reason="Liever later.")
    eva, base = await browser_as(cast.eva), f"/meetings/{meeting.id}"
    seats = {"present": [str(one.id) for one in cast.committee[:5]]}
    assert (await eva.post(f"{base}/present", data=seats)).headers["location"] == f"{base}/screen"
    page = (await eva.get(f"{base}/screen/{question.ref}?lang=nl")).text
    assert "stemde vooraf: aanhouden" in page
    sent = {f"ballot-{cast.lars.id}": "reject", f"note-{cast.lars.id}": "Te klein voor een minor.", "all": "accept",
            f"ballot-{cast.mona.id}": "hold", "reason": "Past bij de opgave.", "until-day": "1", "until-month": "6",
            "until-year": "2027"}  # fmt: skip
    done = await eva.post(f"{base}/screen/{question.ref}", data=sent)
    assert done.headers["location"] == f"{base}/screen/{question.ref}?done=1"
    assert await state(engine, question) == "matching"
    told = (await eva.get(f"/questions/{question.ref}?lang=nl")).text
    assert "Minderheidsstandpunt" in told
    for words in (
        f"{cast.lars.name}, afwijzen: Te klein voor een minor.",
        f"{cast.mona.name}, aanhouden: Liever later.",
    ):
        assert words in told
    assert "3 voor, 2 tegen" in told
    assert f"{cast.eva.name} legde de stemmen van de vergadering vast" in told
    owners = (await (await browser_as(cast.amira)).get(f"/questions/{question.ref}?lang=nl")).text
    assert "Past bij de opgave." in owners
    for hidden in ("Minderheidsstandpunt", "Te klein", "Liever later", cast.lars.name, "legde de stemmen", "3 voor"):
        assert hidden not in owners, hidden


async def test_without_a_decision_the_screen_says_why(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast)
    bram, address = await browser_as(cast.bram), f"/meetings/{meeting.id}/screen/{question.ref}"
    await bram.post(address, data={f"ballot-{cast.lars.id}": "accept"})
    shown = await bram.get(f"{address}?done=1&lang=en")
    assert "too few members have voted" in shown.text
    assert Page(shown.text).wrong() == []


async def test_faults_keep_every_vote_that_was_chosen(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question, meeting = await tell.triage(session), await sitting(session, cast)
    bram, address = await browser_as(cast.bram), f"/meetings/{meeting.id}/screen/{question.ref}"
    sent = {f"ballot-{one.id}": "redirect" for one in cast.committee} | {f"note-{cast.lars.id}": "Al bekend."}
    answer = await bram.post(f"{address}?lang=en", data=sent)
    page = Page(answer.text)
    assert (answer.status_code, page.wrong()) == (400, [])
    assert "target-error" in page.ids
    assert sum("checked" in one for one in page.controls if one["name"].startswith("ballot-")) == 6
    assert 'value="Al bekend."' in answer.text
    empty = await bram.post(f"{address}?lang=en", data={})
    assert (empty.status_code, Page(empty.text).wrong()) == (400, [])
    assert await state(engine, question) == "triage"


async def test_several_at_once_each_with_its_outcome(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        good, contested, gone, left = [await tell.triage(session) for _ in range(4)]
        meeting = await sitting(session, cast, *cast.committee[:4])
        for member in cast.committee[:3]:
            await tell.take(session, contested, "vote", member, vote="reject", reason="Past niet.")
        await tell.take(session, gone, "ask_back", cast.bram)
    bram, base = await browser_as(cast.bram), f"/meetings/{meeting.id}"
    refs = [str(one.ref) for one in (good, contested, gone)]
    done = await bram.post(f"{base}/accept", data={"refs": [*refs, "ES-2026-9999-0"]})
    assert done.status_code == 303
    assert [await state(engine, one) for one in (good, contested, gone, left)] == [
        "matching", "rejected", "unclear", "triage",
    ]  # fmt: skip
    page = (await bram.get(f"{done.headers['location'].partition('#')[0]}&lang=nl")).text
    assert (page.count("sv-agenda__tried"), Page(page).wrong()) == (2, [])
    for data, words in (({}, "Tick at least one question."), ({"refs": left.ref}, "Note first who is present.")):
        await bram.post(f"{base}/present", data={})
        answer = await bram.post(f"{base}/accept?lang=en", data=data)
        assert (answer.status_code, words in answer.text) == (400, True)


async def test_the_button_on_the_question_leads_to_the_meetings(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
    eva = await browser_as(cast.eva)
    assert "/meetings" in Page((await eva.get(f"/questions/{question.ref}")).text).links
    for answer in (
        await eva.get(f"/questions/{question.ref}/steps/decide_in_meeting"),
        await eva.post(f"/questions/{question.ref}/steps/decide_in_meeting", data={}),
    ):
        assert (answer.status_code, answer.headers["location"]) == (303, "/meetings")

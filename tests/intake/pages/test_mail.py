"""The mail page, a letter's history, and what one may do about a letter: by whom, with which consequences."""

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update

from intake.spent import use_up
from schemas.access import Session
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letter_events import LetterEvent
from schemas.links import letter_token, sign_in_token
from schemas.mail import ARRIVED
from schemas.moment import now
from schemas.parties import Person
from schemas.people import PeopleChange
from tests.cast import Cast, Somebody
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

STATES = ("owed", "sending", "sent", "refused", "uncertain", "bounced", "withheld", "kept", "gathered")
MAY = {
    "resend": {"sent", "refused", "uncertain", "bounced", "withheld", "kept", "gathered"},
    "address": {"owed", "sent", "refused", "uncertain", "bounced", "withheld", "kept", "gathered"},
    "withhold": {"owed", "refused", "uncertain", "bounced", "kept"},
    "arrived": {"uncertain"},
}
GIVEN = {"address": {"email": "femke@new.example.org"}, "withhold": {"reason": "Zij is met verlof."}}


@pytest.fixture
async def offer(engine: AsyncEngine, cast: Cast, tell: Story) -> Letter:
    """The offer to Femke."""
    async with writing(engine) as session:
        await tell.offered(session)
    return await latest(engine, cast.femke)


async def latest(engine: AsyncEngine, to: Somebody, name: str = "offer") -> Letter:
    query = select(Letter).where(Letter.name == name, Letter.recipient_id == to.id)
    async with reading(engine) as session:
        return (await session.exec(query.order_by(col(Letter.id).desc()).limit(1))).one()


async def put(engine: AsyncEngine, letter: Letter, state: str, **values: object) -> None:
    async with writing(engine) as session:
        change = update(Letter).where(col(Letter.id) == letter.id).values(state=state, handed_at=now(), **values)
        await session.exec(change)


async def lines(engine: AsyncEngine, letter: Letter) -> list[tuple[str, str, str, int | None]]:
    query = select(LetterEvent).where(LetterEvent.letter_id == letter.id).order_by(col(LetterEvent.id))
    async with reading(engine) as session:
        return [(one.what, one.state, one.reply, one.actor_id) for one in await session.exec(query)]


async def test_each_action_from_each_state(engine: AsyncEngine, cast: Cast, offer: Letter, browser_as: SignIn) -> None:
    bram = await browser_as(cast.bram)
    for action, states in MAY.items():
        for state in STATES:
            await put(engine, offer, state, email=cast.femke.email)
            async with writing(engine) as session:
                await session.exec(update(Person).where(col(Person.id) == cast.femke.id).values(email=cast.femke.email))
            shown = await bram.get(f"/letters/{offer.id}/{action}")
            offered = f'/letters/{offer.id}/{action}"' in (await bram.get(f"/letters/{offer.id}")).text
            done = await bram.post(f"/letters/{offer.id}/{action}", data=GIVEN.get(action, {}))
            ok = state in states
            assert (shown.status_code, offered) == (200 if ok else 303, ok), (action, state)
            assert done.headers["location"] == f"/letters/{offer.id}?{f'done={action}' if ok else 'late=1'}"
            if shown.status_code == 200:
                assert Page(shown.text).wrong() == []


@pytest.mark.parametrize(("state", "fresh"), [("refused", False), ("uncertain", True), ("sent", True)])
async def test_sending_again_keeps_the_facts_and_renews_the_message_id_when_the_earlier_may_have_arrived(
    state: str, fresh: bool, engine: AsyncEngine, cast: Cast, offer: Letter, browser_as: SignIn
) -> None:
    await put(engine, offer, state, reply="550 no", attempts=1, may_retry=True)
    bram = await browser_as(cast.bram)
    assert (await bram.post(f"/letters/{offer.id}/resend")).status_code == 303
    row = await latest(engine, cast.femke)
    assert (row.state, row.facts, row.reply, row.attempts, row.may_retry) == ("owed", offer.facts, None, 0, False)
    assert (row.message_id != offer.message_id) is fresh
    assert await lines(engine, offer) == [("resent", "owed", "", cast.bram.id)]
    page = (await bram.get(f"/letters/{offer.id}?done=resend")).text
    assert cast.bram.name in page
    assert Page(page).wrong() == []


async def test_a_corrected_address_is_for_the_person_and_closes_the_old_one(
    engine: AsyncEngine, cast: Cast, tell: Story, offer: Letter, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    async with writing(engine) as session:
        await tell.offered(session)
    waiting = await latest(engine, cast.femke)
    await put(engine, offer, "bounced")
    await browser_as(cast.femke)
    bram = await browser_as(cast.bram)
    for wrong in ("", "femke", cast.femke.email, cast.ivo.email):
        answer = await bram.post(f"/letters/{offer.id}/address", data={"email": wrong})
        assert answer.status_code == 400
        assert 'id="email-error"' in answer.text
        assert not wrong or f'value="{wrong}"' in answer.text
    assert waiting.facts["ref"].split(".")[0] in (await bram.get(f"/letters/{offer.id}/address")).text
    assert (await bram.post(f"/letters/{offer.id}/address", data=GIVEN["address"])).status_code == 303
    async with reading(engine) as session:
        assert (await session.get_one(Person, cast.femke.id)).email == "femke@new.example.org"
        rows = (await session.exec(select(Letter).where(Letter.recipient_id == cast.femke.id))).all()
        assert {(one.state, one.email) for one in rows} == {("owed", "femke@new.example.org")}
        change = (await session.exec(select(PeopleChange))).one()
        assert (change.what, change.details["before"], change.actor_id) == (
            "readdressed",
            cast.femke.email,
            cast.bram.id,
        )
        assert not (await session.exec(select(Session).where(Session.person_id == cast.femke.id))).all()
    assert [what for what, *_ in await lines(engine, waiting)] == ["readdressed"]


async def test_links_in_the_hands_of_the_wrong_person_stop_working(
    engine: AsyncEngine, cast: Cast, tell: Story, offer: Letter, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    await put(engine, offer, "sent")
    async with writing(engine) as session:
        await tell.offered(session)
    other, bram = await latest(engine, cast.femke), await browser_as(cast.bram)
    await bram.post(f"/letters/{other.id}/address", data=GIVEN["address"])
    link = f"/l/{letter_token(offer.id)}"
    assert (await visitor.get(link)).status_code == 410
    assert (await visitor.post(f"{link}/steps/take_on")).headers["location"] == link
    await visitor.post(f"{link}/new")
    assert (await latest(engine, cast.femke, "new-link")).email == "femke@new.example.org"


async def test_who_may(engine: AsyncEngine, cast: Cast, offer: Letter, browser_as: SignIn) -> None:
    await put(engine, offer, "refused")
    for person in (cast.dirk, cast.femke, cast.amira, cast.eva, cast.frank):
        browser = await browser_as(person)
        assert (await browser.get("/mail")).status_code == 403
        for action in MAY:
            assert (await browser.get(f"/letters/{offer.id}/{action}")).status_code == 403
            assert (await browser.post(f"/letters/{offer.id}/{action}", data=GIVEN.get(action))).status_code == 403
    new = await latest(engine, cast.bram, "new-question")
    await put(engine, new, "refused")
    bram, greta = await browser_as(cast.bram), await browser_as(cast.greta)
    assert (await bram.post(f"/letters/{new.id}/address", data=GIVEN["address"])).status_code == 403
    assert (await bram.get(f"/letters/{new.id}/address")).status_code == 403
    assert (await greta.post(f"/letters/{new.id}/address", data=GIVEN["address"])).status_code == 303


async def test_withholding_asks_for_a_reason(
    engine: AsyncEngine, cast: Cast, offer: Letter, browser_as: SignIn
) -> None:
    bram = await browser_as(cast.bram)
    assert (await bram.post(f"/letters/{offer.id}/withhold", data={"reason": " "})).status_code == 400
    await bram.post(f"/letters/{offer.id}/withhold", data=GIVEN["withhold"])
    assert await lines(engine, offer) == [("withheld", "withheld", "Zij is met verlof.", cast.bram.id)]


async def test_a_link_that_was_used_proves_that_its_letter_arrived(
    engine: AsyncEngine, cast: Cast, offer: Letter
) -> None:
    await put(engine, offer, "uncertain", may_retry=True)
    async with writing(engine) as session:
        await use_up(session, offer.id)
    row = await latest(engine, cast.femke)
    assert (row.state, row.may_retry) == ("sent", False)
    assert await lines(engine, offer) == [("arrived", "sent", ARRIVED, None)]


async def test_the_page_counts_lists_and_filters(
    engine: AsyncEngine, cast: Cast, offer: Letter, browser_as: SignIn
) -> None:
    bram = await browser_as(cast.bram)
    await put(engine, offer, "refused", reply="550 5.1.1 no such user", email="femke@elders.example.org")
    await put(engine, await latest(engine, cast.quinten), "owed", reply="450 4.2.0 later")
    await put(engine, await latest(engine, cast.amira, "receipt"), "sent")
    page = (await bram.get("/mail")).text
    assert Page(page).wrong() == []
    for told in ("550 5.1.1 no such user", "elders.example.org", f"/letters/{offer.id}", "33,3 %", "(1 van 3)",
                 f"/questions/{offer.facts['ref'].split('.')[0]}"):  # fmt: skip
        assert told in page, told
    assert "450 4.2.0 later" not in page
    assert "450 4.2.0 later" in (await bram.get("/mail?state=deferred")).text
    assert f"/letters/{offer.id}" not in (await bram.get("/mail?state=all&domain=example.org")).text
    assert f"/letters/{offer.id}" in (await bram.get("/mail?state=nonsense&text=ELDERS")).text
    for one in await browser_as(cast.amira), bram:
        answer = await one.get(f"/letters/{(await latest(engine, cast.amira, 'receipt')).id}")
        assert answer.status_code == 200
        assert ("/resend" in answer.text) == (one is bram)


async def test_pages_of_a_long_list(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    async with writing(engine) as session:
        for _ in range(6):
            await tell.offered(session)
    bram = await browser_as(cast.bram)
    first, second = [Page((await bram.get(f"/mail?state=all&page_number={n}")).text).links for n in (1, 2)]
    seen = [one for one in [*first, *second] if one.startswith("/letters/")]
    assert [one for one in first if "page_number=" in one and "lang=" not in one] == [
        "/mail?state=all&page_number=2#list"
    ]
    assert [one for one in second if "page_number=" in one and "lang=" not in one] == [
        "/mail?state=all&page_number=1#list"
    ]
    async with reading(engine) as session:
        ids = (await session.exec(select(Letter.id).order_by(col(Letter.id).desc()))).all()
    assert len(ids) > 25
    assert seen == [f"/letters/{one}" for one in ids]


async def test_the_api_can_do_what_the_page_can(
    engine: AsyncEngine, cast: Cast, offer: Letter, program_as: SignIn
) -> None:
    await put(engine, offer, "refused", reply="550 no")
    api, dirk = await program_as(cast.bram), await program_as(cast.dirk)
    listed = (await api.get("/api/v1/mail?state=troubled")).json()
    assert [(one["id"], one["reply"]) for one in listed["items"]] == [(offer.id, "550 no")]
    health = (await api.get("/api/v1/mail/health")).json()
    assert (health["counts"]["refused"], health["last_day"]["sent"], health["last_day"]["tried"]) == (1, 0, 1)
    where = f"/api/v1/letters/{offer.id}/actions"
    fault = await api.post(where, json={"action": "address", "needs": {"email": "x"}})
    assert [one["field"] for one in fault.json()["faults"]] == ["email"]
    for body in ({}, {"action": ["resend"]}, {"action": "obey"}, {"action": "resend", "x": 1},
                 {"action": "withhold", "needs": "x"}):  # fmt: skip
        assert (await api.post(where, json=body)).status_code == 400, body
    done = await api.post(where, json={"action": "resend"})
    assert (done.status_code, done.json()["state"]) == (201, "owed")
    late = await api.post(where, json={"action": "resend"})
    assert (late.status_code, late.json()["state"], late.json()["type"]) == (409, "owed", "/api#letter-moved-on")
    question = offer.facts["ref"].split(".")[0]
    mine = (await api.get(f"/api/v1/questions/{question}/letters")).json()["items"]
    [history] = [one["history"] for one in mine if one["id"] == offer.id]
    assert [(one["what"], one["by"]) for one in history] == [("resent", cast.bram.name)]
    for path in ("/api/v1/mail", "/api/v1/mail/health"):
        assert (await dirk.get(path)).status_code == 403
    assert (await dirk.post(where, json={"action": "withhold", "needs": {"reason": "x"}})).status_code == 403


async def test_whoever_reads_a_letter_of_another_gets_no_key_with_it(
    engine: AsyncEngine, cast: Cast, offer: Letter, browser_as: SignIn
) -> None:
    keys = [f"http://x/l/{letter_token(offer.id)}", f"http://x/sign-in/{sign_in_token(1)}"]
    await put(engine, offer, "sent", subject="Een aanbod", text=f"Kijk: {keys[0]} of {keys[1]}\n")
    for reader in (cast.bram, cast.els, cast.femke):
        page = (await (await browser_as(reader)).get(f"/letters/{offer.id}")).text
        assert "Kijk: http://x/l/… of http://x/sign-in/…" in page
        assert not [key for key in keys if key in page]

"""Which mail somebody gets, and when: chosen on a page, by the link in a letter, with one click, or by a program."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from flows.links import links_of, off_link
from flows.post import write
from schemas.database import reading, writing
from schemas.kinds import Kind
from schemas.ledger import Letter, LetterState
from schemas.links import mail_token, off_token
from schemas.moment import now
from schemas.parties import Person
from schemas.people import PeopleChange, leave
from tests.cast import Cast, Somebody
from tests.conftest import SignIn
from tests.intake.pages.test_scanners import everything
from tests.story import Story

pytestmark = pytest.mark.anyio
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
CHOSEN = {"told": "daily", "reminder": "never", "quiet": "own", "quiet_from": "19.30", "quiet_until": "8:00",
          "closed_days": "yes"}  # fmt: skip


async def mail_of(engine: AsyncEngine, who: Somebody) -> dict[str, Any]:
    async with reading(engine) as session:
        return {key: one for key, one in (await session.get_one(Person, who.id)).mail.items() if key != "before"}


async def taken_on(engine: AsyncEngine, tell: Story, cast: Cast) -> dict[str, Letter]:
    """The letters that say so: news for the owner, an internal step for the coordinator."""
    async with writing(engine) as session:
        await tell.placing(session)
        rows = await session.exec(select(Letter).where(Letter.name == "taken-on").order_by(col(Letter.id)))
        return {one.role: one for one in rows}


async def test_one_chooses_on_a_page_of_ones_own(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    amira = await browser_as(cast.amira)
    page = (await amira.get("/account/mail")).text
    assert all(f'name="{kind}"' in page for kind in ("told", "reminder", "quiet"))
    assert 'name="asks"' not in page, "what asks something cannot be chosen"
    assert 'name="internal"' not in page, "she does not work with it every day"
    done = await amira.post("/account/mail", data=CHOSEN)
    assert (done.status_code, done.headers["location"]) == (303, "/account/mail?done=chosen")
    own = {"quiet_from": "19:30", "quiet_until": "08:00", "closed_days": True}
    assert await mail_of(engine, cast.amira) == {"told": "daily", "reminder": "never", "quiet": own}
    page = (await amira.get("/account/mail")).text
    assert 'value="19:30"' in page
    async with reading(engine) as session:
        change = (await session.exec(select(PeopleChange).where(PeopleChange.what == "mail_chosen"))).one()
    assert (change.actor_id, change.person_id, change.details["told"]) == (cast.amira.id, cast.amira.id, "daily")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"told": "sometimes"}, "told"), ({"reminder": "weekly"}, "reminder"), ({"quiet": "always"}, "quiet"),
        ({"quiet": "own", "quiet_from": "25:00", "quiet_until": "7:00"}, "quiet_from"),
        ({"quiet": "own", "quiet_from": "20:00"}, "quiet_until"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn, given: dict[str, str], field: str
) -> None:
    answer = await (await browser_as(cast.amira)).post("/account/mail", data=given)
    assert answer.status_code == 400
    assert f'href="#{field}"' in answer.text
    assert await mail_of(engine, cast.amira) == {}


async def test_asking_letters_stay_as_they_are_whatever_is_sent(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    await (await browser_as(cast.amira)).post("/account/mail", data={"asks": "never", "told": "now"})
    assert await mail_of(engine, cast.amira) == {"told": "now"}


async def test_the_link_in_a_letter_opens_the_same_page_and_nothing_else(
    engine: AsyncEngine, tell: Story, cast: Cast, visitor: httpx2.AsyncClient
) -> None:
    letter = (await taken_on(engine, tell, cast))["owner"]
    path = urlsplit(links_of(letter)["mail"]).path
    page = await visitor.get(path)
    assert (page.status_code, cast.amira.name in page.text) == (200, True)
    assert cast.amira.email not in page.text
    assert (await visitor.post(path, data=CHOSEN)).headers["location"] == f"{path}?done=chosen"
    assert (await mail_of(engine, cast.amira))["told"] == "daily"
    assert not visitor.cookies
    token = path.rpartition("/")[2]
    for other in ("l", "s", "u", "ask", "sign-in"):
        assert (await visitor.get(f"/{other}/{token}")).status_code in (303, 404, 410)
    async with writing(engine) as session:
        (await session.get_one(Person, cast.amira.id)).email = "new@example.org"
    assert (await visitor.get(path)).status_code == 404, "what the old address has in hand is worth nothing"


@pytest.mark.parametrize("where", ["/m/", "/u/"])
async def test_a_link_that_we_did_not_make_or_of_somebody_who_left_opens_nothing(
    engine: AsyncEngine, cast: Cast, visitor: httpx2.AsyncClient, where: str
) -> None:
    made = {"/m/": mail_token(cast.amira.id, cast.amira.email),
            "/u/": off_token(cast.amira.id, cast.amira.email, ["told"])}[where]  # fmt: skip
    wrong = [made[:-2], f"{made}x", "nothing", off_token(cast.amira.id, cast.dirk.email, ["told"]),
             off_token(999_999, cast.amira.email, ["told"]),
             off_token(cast.amira.id, cast.amira.email, ["asks"])]  # fmt: skip
    async with writing(engine) as session:
        await leave(session, cast.greta.id, await session.get_one(Person, cast.hanna.id), now().date())
    wrong += [mail_token(cast.hanna.id, cast.hanna.email), off_token(cast.hanna.id, cast.hanna.email, ["told"])]
    for token in wrong:
        assert (await visitor.get(f"{where}{token}")).status_code == 404
        assert (await visitor.post(f"{where}{token}", data=ONE_CLICK)).status_code == 404
    assert await mail_of(engine, cast.amira) == await mail_of(engine, cast.hanna) == {}


async def test_looking_a_hundred_times_changes_nothing_and_one_click_ends_it_once(
    engine: AsyncEngine, tell: Story, cast: Cast, visitor: httpx2.AsyncClient
) -> None:
    letters = await taken_on(engine, tell, cast)
    async with writing(engine) as session:
        (await session.get_one(Person, cast.amira.id)).mail = {"told": "weekly"}
    path = urlsplit(off_link(letters["owner"])).path
    before = await everything(engine)
    for _ in range(100):
        assert (await visitor.get(path)).status_code == 200
        assert (await visitor.head(path)).status_code == 200
    assert await everything(engine) == before
    for _ in range(2):
        answer = await visitor.post(path, data=ONE_CLICK)
        assert answer.status_code == 200, "a mail program follows no redirect"
        assert await mail_of(engine, cast.amira) == {"told": "never"}
    async with reading(engine) as session:
        assert len(list(await session.exec(select(PeopleChange).where(PeopleChange.what == "mail_chosen")))) == 1
    assert f'action="{path}/undo"' in answer.text
    for _ in range(2):
        await visitor.post(f"{path}/undo")
        assert await mail_of(engine, cast.amira) == {"told": "weekly"}, "as it was before"


async def test_no_cookie_and_no_origin_is_needed_and_a_multipart_body_does_too(
    engine: AsyncEngine, cast: Cast, visitor: httpx2.AsyncClient
) -> None:
    path = f"/u/{off_token(cast.bram.id, cast.bram.email, ['internal', 'told'])}"
    answer = await visitor.post(path, files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert await mail_of(engine, cast.bram) == {"internal": "never", "told": "never"}


async def test_what_was_being_kept_goes_along_with_the_choice(
    engine: AsyncEngine, tell: Story, cast: Cast, visitor: httpx2.AsyncClient, clock: time_machine.Traveller
) -> None:
    letter = (await taken_on(engine, tell, cast))["coordinator"]
    assert letter.state == LetterState.KEPT
    await visitor.post(urlsplit(off_link(letter)).path, data=ONE_CLICK)
    async with reading(engine) as session:
        assert (await session.get_one(Letter, letter.id)).state == LetterState.WITHHELD


async def test_only_what_can_be_switched_off_says_so_in_its_headers(
    engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    told = await taken_on(engine, tell, cast)
    async with reading(engine) as session:
        everyone = list(await session.exec(select(Letter)))
    for letter in everyone:
        message = write(letter).message
        optional = letter.id in {one.id for one in told.values()}
        assert ("List-Unsubscribe" in message) == optional, letter.name
        if optional:
            assert message["List-Unsubscribe"] == f"<{off_link(letter)}>"


async def test_the_page_says_of_a_kept_letter_when_it_goes_and_a_preview_too(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        attempt = await tell.offered(session)
    femke = await browser_as(cast.femke)
    seen = await femke.post(f"/trajectories/{attempt.ref}/steps/take_on", data={"preview": "1"})
    assert f"Wordt bewaard voor {cast.bram.name}" in seen.text
    await femke.post(f"/trajectories/{attempt.ref}/steps/take_on")
    async with reading(engine) as session:
        kept = (await session.exec(select(Letter).where(Letter.state == LetterState.KEPT))).one()
    page = await (await browser_as(cast.bram)).get(f"/letters/{kept.id}")
    assert "bewaard om samen met ander nieuws" in page.text
    assert "25 nov 2026" in page.text


async def test_dirk_is_refused_what_is_not_his(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn, program_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    letters = await taken_on(engine, tell, cast)
    dirk = await browser_as(cast.dirk)
    assert (await dirk.get(f"/letters/{letters['owner'].id}")).status_code == 403
    await dirk.post("/account/mail", data={"told": "never"})
    assert (await mail_of(engine, cast.dirk), await mail_of(engine, cast.amira)) == ({"told": "never"}, {})
    assert (await visitor.get("/account/mail")).status_code == 303
    assert (await visitor.post("/account/mail", data={"told": "never"})).status_code == 303
    assert (await visitor.get("/api/v1/me/mail")).status_code == 401


async def test_a_program_reads_and_chooses_the_same(engine: AsyncEngine, cast: Cast, program_as: SignIn) -> None:
    bram = await program_as(cast.bram)
    found = (await bram.get("/api/v1/me/mail")).json()
    assert [(one["kind"], one["how"]) for one in found["kinds"]] == [
        ("asks", "now"), ("reminder", "now"), ("told", "now"), ("internal", "daily"),
    ]  # fmt: skip
    assert found["kinds"][0]["may"] == ["now"]
    key = {"Idempotency-Key": "one"}
    for _ in range(2):
        made = await bram.post("/api/v1/me/mail", json={"internal": "weekly", "quiet": "none"}, headers=key)
        assert (made.status_code, made.json()["quiet"]) == (201, "none")
    assert await mail_of(engine, cast.bram) == {"internal": "weekly", "quiet": {}}
    await bram.post("/api/v1/me/mail", json={"told": "daily"})
    assert await mail_of(engine, cast.bram) == {"internal": "weekly", "quiet": {}, "told": "daily"}
    for wrong in ({"asks": "never"}, {"told": "hourly"}, {"quiet": "own"}):
        assert (await bram.post("/api/v1/me/mail", json=wrong)).status_code == 400
    assert Kind.ASKS not in await mail_of(engine, cast.bram)

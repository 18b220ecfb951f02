"""A mailed link: looking changes nothing, it decides once, it expires into a new one, and it carries one role."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.links import letter_token
from schemas.moment import now
from schemas.subjects import Trajectory
from tests.cast import Cast, Somebody
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
Link = Callable[[str, Somebody], Awaitable[str]]


@pytest.fixture
def link(engine: AsyncEngine) -> Link:
    """The address in the latest letter of that name to somebody."""

    async def find(name: str, to: Somebody) -> str:
        query = select(Letter.id).where(Letter.name == name, Letter.recipient_id == to.id)
        async with reading(engine) as session:
            found = (await session.exec(query.order_by(col(Letter.id).desc()))).first()
        assert found
        return f"/l/{letter_token(found)}"

    return find


@pytest.fixture
async def offered(engine: AsyncEngine, tell: Story) -> Trajectory:
    async with writing(engine) as session:
        return await tell.offered(session)


async def standing(engine: AsyncEngine) -> tuple[str, int, int]:
    """State of the only trajectory, number of entries, number of letters."""
    async with reading(engine) as session:
        state = (await session.exec(select(Trajectory.state))).one()
        entries = (await session.exec(select(func.count()).select_from(Entry))).one()
        return state, entries, (await session.exec(select(func.count()).select_from(Letter))).one()


async def test_a_mail_scanner_changes_nothing(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, offered: Trajectory, link: Link
) -> None:
    address, before = await link("offer", cast.femke), await standing(engine)
    for _ in range(100):
        assert (await visitor.get(address)).status_code == 200
        assert (await visitor.head(address)).status_code in (200, 405)
        assert (await visitor.get(f"{address}/steps/take_on")).status_code == 200
    assert await standing(engine) == before


async def test_an_offer_is_answered_once(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, offered: Trajectory, link: Link
) -> None:
    address, other = await link("offer", cast.femke), await link("offer", cast.quinten)
    assert f"{address}/steps/take_on" in Page((await visitor.get(address)).text).links
    done = await visitor.post(f"{address}/steps/take_on", data={"note": "Graag"})
    assert (done.status_code, done.headers["location"]) == (303, f"{address}?done=take_on")
    assert (await standing(engine))[0] == "placing"
    again = await visitor.post(f"{address}/steps/take_on", data={})
    assert again.headers["location"] == address
    page = await visitor.get(address)
    assert not [one for one in Page(page.text).links if "/steps/" in one]
    late = await visitor.post(f"{other}/steps/take_on", data={})
    assert late.status_code == 409
    assert Page(late.text).wrong() == []
    assert (await standing(engine))[0] == "placing"


async def test_a_refusal_needs_its_reason_and_keeps_the_link(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, offered: Trajectory, link: Link
) -> None:
    address = await link("offer", cast.femke)
    answer = await visitor.post(f"{address}/steps/decline", data={"reason": ""})
    assert answer.status_code == 400
    assert "reason-error" in Page(answer.text).ids
    assert (await visitor.post(f"{address}/steps/decline", data={"reason": "Geen docent"})).status_code == 303
    assert (await standing(engine))[0] == "declined"


async def test_an_expired_link_offers_a_new_one_by_mail_only(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, offered: Trajectory, link: Link,
    clock: time_machine.Traveller,
) -> None:  # fmt: skip
    address = await link("offer", cast.femke)
    clock.shift(timedelta(days=43))
    assert (await visitor.get(address)).status_code == 410
    assert (await visitor.post(f"{address}/steps/take_on", data={})).headers["location"] == address
    for _ in range(3):
        assert (await visitor.post(f"{address}/new")).headers["location"] == f"{address}/sent"
    assert (await visitor.get(f"{address}/sent")).status_code == 200
    async with reading(engine) as session:
        fresh = (await session.exec(select(Letter).where(Letter.name == "new-link"))).all()
    assert [one.email for one in fresh] == [cast.femke.email]
    assert fresh[0].facts["link_expires"] > now().date().isoformat(), "its letter names the day of the new link"
    assert (await visitor.get(f"/l/{letter_token(fresh[0].id)}")).status_code == 200


async def test_what_the_letter_was_not_about_is_refused(
    visitor: httpx2.AsyncClient, cast: Cast, offered: Trajectory, link: Link
) -> None:
    address = await link("offer", cast.femke)
    assert (await visitor.post(f"{address}/steps/cancel", data={"cause": "stopped", "reason": "x"})).status_code in (
        403,
        409,
    )
    assert (await visitor.post(f"{address}/steps/deliver", data={"summary": "x"})).status_code == 403
    assert (await visitor.get(f"{address}/steps/nonsense")).status_code == 404


async def test_a_changed_link_is_no_link(
    visitor: httpx2.AsyncClient, cast: Cast, offered: Trajectory, link: Link
) -> None:
    address = await link("offer", cast.femke)
    for one in (address[:-1], address + "a", "/l/", "/l/NA.x", address.replace("/l/", "/s/")):
        assert (await visitor.get(one)).status_code == 404


async def test_a_coordinators_letter_leads_to_the_desk(
    visitor: httpx2.AsyncClient, cast: Cast, offered: Trajectory, link: Link
) -> None:
    answer = await visitor.get(await link("new-question", cast.bram))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/questions/ES-2026-")
    assert (await visitor.get(answer.headers["location"])).headers["location"].startswith("/sign-in?next=")


async def test_the_page_speaks_its_recipients_language(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, tell: Story, link: Link
) -> None:
    async with writing(engine) as session:
        await tell.agreeing(session)
    for name, person, language in (("offer", cast.femke, "nl"), ("agreement", cast.chen, "en")):
        page = await visitor.get(await link(name, person), headers={"Accept-Language": "nl"})
        assert Page(page.text).language == language


async def test_where_a_question_stands_is_for_who_holds_the_link(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, tell: Story
) -> None:
    from schemas.links import status_token

    async with writing(engine) as session:
        question = await tell.screening(session)
    answer = await visitor.get(f"/s/{status_token(question.id, cast.amira.id)}")
    assert answer.status_code == 200
    assert question.title in answer.text
    assert not [one for one in Page(answer.text).links if "/steps/" in one or one.startswith("/letters/")]

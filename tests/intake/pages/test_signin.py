"""Signing in by a mailed link: looking changes nothing, one use, it expires, and nobody learns who is known."""

from datetime import timedelta

import httpx2
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from intake.access import COOKIE
from intake.signin import STORAGE
from schemas.access import Session, SignInLink
from schemas.database import reading
from schemas.ledger import Letter
from schemas.links import sign_in_token
from tests.cast import Cast

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def nobody_asked_yet() -> None:
    """The counting of requests begins anew."""
    await STORAGE.reset()


async def link_for(visitor: httpx2.AsyncClient, engine: AsyncEngine, email: str, onward: str = "/desk") -> str:
    await visitor.post("/sign-in", data={"email": email, "next": onward})
    async with reading(engine) as session:
        return f"/sign-in/{sign_in_token((await session.exec(select(func.max(SignInLink.id)))).one())}"


async def count(engine: AsyncEngine, table: type[Session] | type[Letter] | type[SignInLink]) -> int:
    async with reading(engine) as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def test_looking_a_hundred_times_changes_nothing_and_it_works_once(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast
) -> None:
    link = await link_for(visitor, engine, cast.bram.email, "/desk?view=new")
    for _ in range(100):
        assert (await visitor.get(link)).status_code == 200
    async with reading(engine) as session:
        assert (await session.exec(select(SignInLink.used_at))).one() is None
    assert await count(engine, Session) == 0
    first = await visitor.post(link)
    assert (first.status_code, first.headers["location"]) == (303, "/desk?view=new")
    assert first.cookies[COOKIE]
    second = await visitor.post(link)
    assert second.status_code == 410
    assert COOKIE not in second.cookies
    assert (await visitor.get(link)).status_code == 410
    assert "Bram" in (await visitor.get("/desk")).text
    await visitor.post("/sign-out")
    assert (await visitor.get("/desk")).headers["location"] == "/sign-in?next=%2Fdesk"


async def test_it_expires(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, clock: time_machine.Traveller
) -> None:
    link = await link_for(visitor, engine, cast.bram.email)
    clock.shift(timedelta(minutes=31))
    assert (await visitor.get(link)).status_code == 410
    assert (await visitor.post(link)).status_code == 410


async def test_a_stranger_gets_the_same_answer_and_no_letter(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast
) -> None:
    known = await visitor.post("/sign-in", data={"email": cast.bram.email})
    unknown = await visitor.post("/sign-in", data={"email": "niemand@example.org"})
    assert known.status_code == unknown.status_code == 303
    assert (known.headers["location"], unknown.headers["location"]) == (
        "/sign-in/sent?email=bram.de.boer%40example.org", "/sign-in/sent?email=niemand%40example.org",
    )  # fmt: skip
    assert await count(engine, Letter) == 1


async def test_no_more_than_five_letters_in_ten_minutes(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast
) -> None:
    for _ in range(8):
        assert (await visitor.post("/sign-in", data={"email": cast.bram.email})).status_code == 303
    assert await count(engine, Letter) == 5


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
async def test_it_never_leads_away_from_this_site(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, elsewhere: str
) -> None:
    link = await link_for(visitor, engine, cast.bram.email, elsewhere)
    assert (await visitor.post(link)).headers["location"] == "/desk"


async def test_an_address_that_is_none_is_told_so(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.post("/sign-in?lang=nl", data={"email": "bram"})
    assert answer.status_code == 400
    assert "Vul een volledig e-mailadres in" in answer.text
    assert 'value="bram"' in answer.text


async def test_the_sign_in_letter_cannot_be_read_by_staff(
    visitor: httpx2.AsyncClient, engine: AsyncEngine, cast: Cast, browser_as: object
) -> None:
    await link_for(visitor, engine, cast.greta.email)
    async with reading(engine) as session:
        letter = (await session.exec(select(Letter.id).order_by(col(Letter.id).desc()))).first()
    bram = await browser_as(cast.bram)  # type: ignore[operator]
    assert (await bram.get(f"/letters/{letter}")).status_code == 404

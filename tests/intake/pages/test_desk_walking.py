"""Walking through the list: every order, forth and back, gives each row once; an address keeps everything."""

import re
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from intake.desk.walking import MANY, SORTS, Order, Place, counted, walked
from intake.desk.wish import Wish
from schemas.database import writing
from schemas.moment import now
from schemas.subjects import Question
from tests.cast import Cast
from tests.conftest import SignIn

pytestmark = pytest.mark.anyio
ROW = re.compile(r'<tr[^>]*id="r\d+".*?/questions/([^?"]+)', re.DOTALL)
STATES = ("screening", "matching", "underway", "on_hold")


async def fill(engine: AsyncEngine, cast: Cast, count: int) -> list[Question]:
    """Questions of which many have the same key, and some no date."""
    moment = now()
    rows = [
        Question(
            ref=f"ES-2026-{n:04d}", state=STATES[n % 4], title=f"Vraag {n % 5}", owner_id=cast.amira.id,
            due_at=None if n % 3 == 0 else moment + timedelta(days=n % 4), since=moment - timedelta(hours=n % 6),
            city_id="enschede", search=f"es-2026-{n:04d} vraag {n}",
        )
        for n in range(count)
    ]  # fmt: skip
    async with writing(engine) as session:
        session.add_all(rows)
    return rows


def expected(rows: list[Question], order: Order) -> list[int]:
    def key(row: Question) -> object:
        return getattr(row, SORTS[order.sort])

    empty = sorted((row.id for row in rows if key(row) is None), reverse=order.down)
    full = sorted((row for row in rows if key(row) is not None), key=lambda row: (key(row), row.id), reverse=order.down)
    return [row.id for row in full] + empty


async def test_every_order_forth_and_back(engine: AsyncEngine, cast: Cast) -> None:
    rows = await fill(engine, cast, 30)
    branches = [col(Question.state) == state for state in STATES] + [col(Question.id) <= 10]
    async with writing(engine) as session:
        for sort, down in product(SORTS, (False, True)):
            order, whole = Order(sort, down), expected(rows, Order(sort, down))
            found: list[tuple[int, Place]] = []
            while part := await walked(session, Question, branches, order, found[-1][1] if found else None, 7):
                found += part
            assert [one for one, _ in found] == whole, order
            for at in (1, 8, 20, 29):
                place = Place.read(found[at][1].written(), order)
                before = await walked(session, Question, branches, order, place, 7, back=True)
                assert [one for one, _ in before] == whole[max(0, at - 7) : at], (order, at)


async def test_counting_stops(engine: AsyncEngine, cast: Cast) -> None:
    await fill(engine, cast, MANY + 5)
    async with writing(engine) as session:
        assert await counted(session, [col(Question.id) > 0]) == MANY + 1
        assert await counted(session, [col(Question.id) <= 3, col(Question.id) <= 2]) == 3
        assert await counted(session, []) == 0


async def test_pages_of_the_desk_follow_on_one_another(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    await fill(engine, cast, 45)
    bram, address, refs = await browser_as(cast.bram), "/desk?view=all&sort=ref", list[str]()
    while address:
        page = (await bram.get(address)).text
        refs += ROW.findall(page)
        found = [line for line in page.splitlines() if 'rel="next"' in line]
        address = found[0].split('href="')[1].split('"')[0].replace("&amp;", "&") if found else ""
    assert refs == [f"ES-2026-{n:04d}" for n in range(45)]
    assert "41 tot en met 45 van 45" in page


@pytest.mark.parametrize("text", ["", "x", "1~nonsense", "-1~", "99999999999~x", "1~2026-01-01T00:00:00", "²~x"])
def test_what_is_no_place_begins_at_the_top(text: str) -> None:
    assert Place.read(text, Order("due")) is None


def test_an_address_keeps_everything() -> None:
    wish = Wish.of_text("view=risk&text=fiets&city=enschede&state=matching&sort=title&order=down&after=3~A&nr=21&x=1")
    assert Wish.of_text(wish.query(place=True)) == wish
    assert "after" not in wish.query()
    assert (wish.by, wish.first) == (Order("title", True), 21)
    assert Wish.of_text("view=nonsense&sort=x&order=y&state=draft") == Wish(view="open")
    assert Wish.of_text("text=fiets").view == "all"


async def test_filters(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    await fill(engine, cast, 8)
    bram = await browser_as(cast.bram)
    for query, count in (
        ("city=enschede", 8), ("city=hengelo", 0), ("state=matching", 2), ("person=amira", 8),
        ("person=bakker+amira", 8), ("person=jonas", 0), ("institution=ut", 0), ("challenge=energie", 0),
        ("text=vraag+7", 1), ("text=ES-2026-0003", 1),
    ):  # fmt: skip
        page = (await bram.get(f"/desk?view=all&{query}")).text
        assert page.count('id="r') == count, query
    assert (await bram.get("/desk?text=%00&city=%00&person=%00&after=%00~%00&nr=%00")).status_code == 200

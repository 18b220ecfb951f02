"""Views with a name, and the switch of the keys: everybody has their own."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from intake.desk.saved import MOST
from schemas.database import reading
from schemas.desk import SavedView
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page

pytestmark = pytest.mark.anyio


async def kept(engine: AsyncEngine) -> dict[str, str]:
    async with reading(engine) as session:
        return {row.name: row.query for row in await session.exec(select(SavedView))}


async def test_keep_rename_and_remove(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    bram, eva = await browser_as(cast.bram), await browser_as(cast.eva)
    page = (await bram.get("/desk/views?query=view%3Dlate%26city%3Denschede%26after%3D3")).text
    assert Page(page).wrong() == []
    done = await bram.post("/desk/views", data={"name": " Te   laat ", "query": "view=late&city=enschede&after=3&x=1"})
    assert done.headers["location"] == "/desk?view=late&city=enschede#list"
    desk = (await bram.get(done.headers["location"].partition("#")[0])).text
    assert '<a href="/desk?view=late&amp;city=enschede#list" aria-current="true">Te laat</a>' in desk
    assert "Te laat</a>" not in (await eva.get("/desk")).text
    await bram.post("/desk/views", data={"name": "Te laat", "query": "view=risk"})
    assert await kept(engine) == {"Te laat": "view=risk"}
    for sent in ({"name": "Van Eva"}, {"remove": "1"}):
        assert (await eva.post("/desk/views/1", data=sent)).status_code == 404
    await bram.post("/desk/views/1", data={"name": "Risico"})
    assert await kept(engine) == {"Risico": "view=risk"}
    await bram.post("/desk/views/1", data={"name": "Risico", "remove": "1"})
    assert await kept(engine) == {}


async def test_what_cannot_be_kept(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    bram = await browser_as(cast.bram)
    for name in ("", " ", "x" * 41, "a\x00b"):
        answer = await bram.post("/desk/views", data={"name": name, "query": "view=late"})
        assert (answer.status_code, Page(answer.text).wrong()) == (400, []), name
    for n in range(MOST):
        assert (await bram.post("/desk/views", data={"name": f"Lijst {n}", "query": "view=late"})).status_code == 303
    answer = await bram.post("/desk/views", data={"name": "Nog een", "query": "view=late"})
    assert "Je bewaart al 20 overzichten" in answer.text
    taken = await bram.post("/desk/views/1", data={"name": "Lijst 7"})
    assert (taken.status_code, Page(taken.text).wrong()) == (400, [])
    assert len(await kept(engine)) == MOST


async def test_the_keys_can_be_switched_off(cast: Cast, browser_as: SignIn, visitor: object) -> None:
    chen, script = await browser_as(cast.chen), "shortcuts.js"
    assert script in (await chen.get("/desk")).text
    await chen.post("/shortcuts", data={"shortcuts": "off"})
    page = (await chen.get("/shortcuts")).text
    assert script not in page
    assert "They are off for you." in page
    await chen.post("/shortcuts", data={"shortcuts": "on"})
    assert script in (await chen.get("/desk")).text
    stranger = (await visitor.get("/shortcuts")).text  # type: ignore[attr-defined]
    assert script not in stranger
    assert Page(stranger).wrong() == []

"""After a step one is back where one came from, and never elsewhere."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.back import local
from schemas.database import writing
from tests.cast import Cast
from tests.conftest import SignIn
from tests.story import Story

pytestmark = pytest.mark.anyio
ELSEWHERE = (
    "//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "javascript:alert(1)", "desk", "",
    "/desk\r\nSet-Cookie: a=b", "/de sk", "/\t/evil.example", "/desk\x00", "/" + "x" * 2000, "/é", "///x",
)  # fmt: skip
PLACE = "/desk?view=late&sort=title#r3"


@pytest.mark.parametrize("path", ELSEWHERE)
def test_what_leads_elsewhere_leads_nowhere(path: str) -> None:
    assert local(path) == ""


@pytest.mark.parametrize("path", ["/desk", PLACE, "/questions/ES-2026-0001-Q?from=%2Fdesk", "/"])
def test_what_is_here_stays(path: str) -> None:
    assert local(path) == path


async def test_back_in_the_same_place_after_a_step(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        ref = (await tell.screening(session)).ref
    bram, onward = await browser_as(cast.bram), "?from=%2Fdesk%3Fview%3Dlate%26sort%3Dtitle%23r3"
    page = (await bram.get(f"/questions/{ref}{onward}")).text
    assert f"/questions/{ref}/steps/ask_back{onward}" in page
    assert f'href="{PLACE.replace("&", "&amp;")}"' in page
    form = (await bram.get(f"/questions/{ref}/steps/ask_back{onward}")).text
    assert f'action="/questions/{ref}/steps/ask_back{onward}"' in form
    faulty = await bram.post(f"/questions/{ref}/steps/ask_back{onward}", data={})
    assert f'action="/questions/{ref}/steps/ask_back{onward}"' in faulty.text
    done = await bram.post(f"/questions/{ref}/steps/ask_back{onward}", data={"note": "Over welke straten gaat het?"})
    assert done.headers["location"] == f"/desk?view=late&sort=title&done=ask_back&ref={ref}#r3"
    assert f"Gelukt: Vraag om aanvulling ({ref})" in (await bram.get(done.headers["location"])).text
    assert (await bram.get("/desk?done=nonsense&ref=x")).status_code == 200


async def test_no_open_redirect(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    async with writing(engine) as session:
        ref = (await tell.screening(session)).ref
    bram = await browser_as(cast.bram)
    page = (await bram.get(f"/questions/{ref}", params={"from": "//evil.example"})).text
    assert "evil" not in page.split("<main")[1]
    done = await bram.post(f"/questions/{ref}/steps/ask_back?from=https://evil.example", data={"note": "Waar?"})
    assert done.headers["location"] == f"/questions/{ref}?done=ask_back"
    for place in ELSEWHERE:
        answer = await bram.post("/shortcuts", data={"shortcuts": "off", "from": place})
        assert answer.headers["location"] == "/shortcuts?done=1"

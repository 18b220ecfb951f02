"""A view looks at the first trajectories of each reason, and says so where there are more."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.desk import views
from schemas.database import writing
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
SAID = "Er is meer dan deze lijst laat zien."


@pytest.fixture
async def three_are_late(engine: AsyncEngine, tell: Story) -> list[str]:
    """Offers that an institution was reminded of."""
    async with writing(engine) as session:
        offers = [await tell.offered(session) for _ in range(3)]
        for one in offers:
            one.due_n = 1
            session.add(one)
    return [one.ref.rpartition(".")[0] for one in offers]


async def test_a_view_that_shows_all_says_nothing(
    three_are_late: list[str], cast: Cast, browser_as: SignIn, program_as: SignIn
) -> None:
    for who in (cast.bram, cast.femke):
        page = (await (await browser_as(who)).get("/desk?view=late")).text
        assert all(f"/questions/{ref}" in page for ref in three_are_late)
        assert SAID not in page
        found = (await (await program_as(who)).get("/api/v1/questions?view=late")).json()
        assert (found["total"], found["cut"]) == (3, False)


async def test_a_view_that_cannot_show_all_says_so(
    three_are_late: list[str], cast: Cast, browser_as: SignIn, program_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    for who in (cast.bram, cast.femke):
        browser = await browser_as(who)
        page = (await browser.get("/desk?view=late")).text
        assert Page(page).wrong() == []
        assert sum(f"/questions/{ref}" in page for ref in three_are_late) == 2
        assert SAID in page
        assert SAID not in (await browser.get("/desk?view=open")).text
        found = (await (await program_as(who)).get("/api/v1/questions?view=late")).json()
        assert (found["total"], found["cut"]) == (2, True)


async def test_late_trajectories_of_others_do_not_count(
    three_are_late: list[str], cast: Cast, browser_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    assert SAID not in (await (await browser_as(cast.chen)).get("/desk?view=late")).text

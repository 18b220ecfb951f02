"""Who sees what: every page, every role; somebody who has no business here is refused everywhere."""

from itertools import product

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from intake.app import STATIC
from schemas.database import writing
from schemas.ledger import Letter
from schemas.subjects import Trajectory
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
PUBLIC = ("/", "/ask", "/results", "/process", "/privacy", "/accessibility", "/api", "/demo/people", "/demo/mailbox")
ALL = ("bram", "eva", "lars", "els", "frank", "greta")  # the city's side sees every question
OWN = {"amira", "hanna", "femke", "quinten", "chen", *ALL}  # Amira's question is offered to the UT


async def addresses(engine: AsyncEngine, tell: Story) -> dict[str, str]:
    """A page of each kind, about one question of Amira's that runs at the UT."""
    async with writing(engine) as session:
        attempt = await tell.running(session)
        letter = (await session.exec(select(Letter.id).where(Letter.name == "receipt"))).first()
        return {
            "question": f"/questions/{attempt.ref.rpartition('.')[0]}", "trajectory": f"/trajectories/{attempt.ref}",
            "letter": f"/letters/{letter}",
        }  # fmt: skip


async def test_each_page_for_each_person(engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn) -> None:
    places = await addresses(engine, tell)
    for name, person in cast.all.items():
        browser = await browser_as(person)
        for what, address in places.items():
            may = name in OWN if what != "letter" else name in {"amira", *ALL}
            expected = 200 if may or (what == "letter" and name in ("mona", "niels", "olga", "pieter")) else 403
            if what != "letter" and name in ("mona", "niels", "olga", "pieter"):
                expected = 200
            answer = await browser.get(address)
            assert answer.status_code == expected, (name, address)
            assert Page(answer.text).wrong() == [], (name, address)


async def test_an_outsider_is_refused_everywhere(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    places = await addresses(engine, tell)
    dirk = await browser_as(cast.dirk)
    for base, step in product((places["question"], places["trajectory"]), ("withdraw", "cancel", "deliver", "vote")):
        assert (await dirk.get(f"{base}/steps/{step}")).status_code == 403
        assert (await dirk.post(f"{base}/steps/{step}", data={"reason": "x"})).status_code == 403
    assert (await dirk.post(f"{places['letter']}/resend")).status_code == 403
    desk = await dirk.get("/desk?view=all")
    assert places["question"] not in desk.text
    assert places["question"] not in (await dirk.get("/desk?text=" + places["question"].rpartition("/")[2])).text


async def test_an_institution_sees_its_own_trajectories_only(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
        first, second = await tell.offered(session, question, "ut"), await tell.offered(session, question, "saxion")
    femke, ivo, bram = await browser_as(cast.femke), await browser_as(cast.ivo), await browser_as(cast.bram)
    for browser, own, others in ((femke, first, second), (ivo, second, first)):
        page = await browser.get(f"/questions/{question.ref}")
        assert own.ref in page.text
        assert others.ref not in page.text
        assert (await browser.get(f"/trajectories/{others.ref}")).status_code == 403
    page = await bram.get(f"/questions/{question.ref}")
    assert first.ref in page.text
    assert second.ref in page.text


async def test_votes_and_letters_are_for_the_citys_side(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        await tell.take(session, question, "vote", cast.lars, vote="reject", reason="Te groot voor studenten.",
                        alternative="Vraag een bureau")  # fmt: skip
    amira, eva = await browser_as(cast.amira), await browser_as(cast.eva)
    seen = (await eva.get(f"/questions/{question.ref}")).text
    hidden = (await amira.get(f"/questions/{question.ref}")).text
    assert "Te groot voor studenten." in seen
    assert "Te groot voor studenten." not in hidden
    assert "Lars" not in hidden


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_public_page_is_whole_in_both_languages(
    browser_as: SignIn, cast: Cast, language: str, visitor: object
) -> None:
    for address in PUBLIC:
        answer = await visitor.get(f"{address}?lang={language}")  # type: ignore[attr-defined]
        page = Page(answer.text)
        assert (answer.status_code, page.wrong(), page.language) == (200, [], language), address


async def test_results_are_public_once_cleared_by_both(
    engine: AsyncEngine, cast: Cast, tell: Story, visitor: object
) -> None:
    async with writing(engine) as session:
        attempt: Trajectory = await tell.completed(session)
        await tell.take(session, attempt, "clear", cast.amira)
    assert (await visitor.get(f"/results/{attempt.ref}")).status_code == 404  # type: ignore[attr-defined]
    async with writing(engine) as session:
        again = await session.get_one(Trajectory, attempt.id)
        await tell.take(session, again, "clear", cast.chen)
    answer = await visitor.get(f"/results/{attempt.ref}")  # type: ignore[attr-defined]
    assert answer.status_code == 200
    assert "Het raadsvoorstel leunt erop." in answer.text
    assert attempt.ref in (await visitor.get("/results")).text  # type: ignore[attr-defined]


def test_stylesheets_fetch_nothing_from_elsewhere() -> None:
    sheets = [path for path in STATIC.rglob("*.css") if "vendor" not in path.parts]
    assert len(sheets) > 8
    for path in sheets:
        assert "http" not in path.read_text(encoding="utf-8"), path

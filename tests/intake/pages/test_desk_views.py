"""The views of the desk: each person finds there what concerns them, with why; and nothing that they may not see."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, or_, select

from intake.access import reader_of
from intake.desk.views import VIEWS, branches
from intake.desk.walking import counted
from intake.sight import visible
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.moment import now
from schemas.subjects import Question, Trajectory
from tests.cast import Cast, Somebody
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
Town = dict[str, str]


@pytest.fixture
async def town(engine: AsyncEngine, cast: Cast, tell: Story) -> Town:
    """One question for each view, by what it is there for."""
    async with writing(engine) as session:
        fresh, late, held = await tell.screening(session), await tell.screening(session), await tell.on_hold(session)
        offered, risky, stalled = (
            await tell.offered(session),
            await tell.running(session),
            await tell.running(session),
        )
        silent, triage = await tell.delivered(session), await tell.triage(session, cast.karin, city="hengelo")
        late.due_n = 1
        await tell.take(session, risky, "report_midterm", cast.chen, progress="at_risk", note="Er zijn geen metingen.")
        stalled.ends_on, silent.due_n = (now() - timedelta(days=40)).date(), 3
        declined = await tell.matching(session)
        await tell.declined(session, declined)
        await tell.declined(session, declined, "saxion")
        letter = (await session.exec(select(Letter).where(Letter.question_id == fresh.id))).first()
        assert letter
        letter.state = "bounced"
        session.add_all([letter, late, stalled, silent])
        made = {"fresh": fresh, "late": late, "held": held, "triage": triage, "declined": declined}
        attempts = {"offered": offered, "risky": risky, "stalled": stalled, "silent": silent}
    found = {name: str(one.ref) for name, one in made.items()}
    return found | {name: one.ref.rpartition(".")[0] for name, one in attempts.items()}


async def seen(engine: AsyncEngine, who: Somebody, view: str, town: Town) -> set[str]:
    """What of the town is in a view; the count says the same as the list."""
    async with reading(engine) as session:
        reader = await reader_of(session, who.id)
        assert reader
        chosen = branches(view, reader, now().date())
        query = select(Question).where(or_(*chosen)) if chosen else select(Question).where(col(Question.id) < 0)
        rows = (await session.exec(query)).all()
        assert await counted(session, chosen) == len(rows)
        allowed = set(await session.exec(select(Question.ref).where(visible(reader))))
    assert {one.ref for one in rows} <= allowed, (who.name, view)
    return {name for name, ref in town.items() if ref in {one.ref for one in rows}}


async def test_each_person_finds_what_concerns_them(engine: AsyncEngine, cast: Cast, town: Town) -> None:
    everything, not_femkes = set(town), {"fresh", "late", "held", "triage"}
    risks = {"risky", "stalled", "silent"}
    wanted = {
        "mine": {"bram": {"fresh", "late", "declined"}, "femke": {"offered"}, "chen": {"risky", "stalled"},
                 "amira": {"silent"}, "eva": {"triage"}, "lars": {"triage"}},
        "new": {"bram": {"fresh", "late"}, "femke": {"offered"}, "chen": set(), "amira": {"fresh", "late"}},
        "others": {"bram": everything - {"fresh", "late", "declined"}, "eva": everything - {"triage"},
                   "femke": everything - not_femkes - {"offered"}, "amira": everything - {"silent", "triage"}},
        "late": {"bram": {"late", "stalled", "silent"}, "femke": {"stalled", "silent"},
                 "amira": {"late", "stalled", "silent"}},
        "risk": {"bram": {"fresh", "declined"} | risks, "femke": risks, "amira": {"declined"} | risks, "ivo": set()},
        "hold": {"bram": {"held"}, "femke": set(), "amira": {"held"}},
        "open": {"bram": everything, "femke": everything - not_femkes, "amira": everything - {"triage"}},
    }  # fmt: skip
    for view, people in wanted.items():
        for name, expected in people.items():
            assert await seen(engine, cast.all[name], view, town) == expected, (view, name)


async def test_nobody_finds_what_they_may_not_see(engine: AsyncEngine, cast: Cast, town: Town) -> None:
    for view in VIEWS:
        for name in ("bram", "jonas", "hanna", "chen", "wouter", "ivo", "daan", "karin", "els"):
            await seen(engine, cast.all[name], view, town)
        for name in ("dirk", "samir", "sanne"):
            assert await seen(engine, cast.all[name], view, town) == set(), (view, name)


async def test_every_view_says_why(engine: AsyncEngine, cast: Cast, town: Town, browser_as: SignIn) -> None:
    bram = await browser_as(cast.bram)
    said = {
        "risk": ("Gemeld: loopt gevaar", "Meer dan een maand na het einde", "Twee keer of vaker niet opgepakt",
                 "De eigenaar antwoordt niet", "Een brief kwam niet aan"),
        "new": ("Binnengekomen op 24 nov 2026",), "hold": ("In de wacht tot",), "others": ("Wacht sinds",),
        "late": ("herinnering",), "mine": ("Bekijk deze vraag",), "all": (),
    }  # fmt: skip
    for view, reasons in said.items():
        page = (await bram.get(f"/desk?view={view}")).text
        assert Page(page).wrong() == []
        assert [one for one in reasons if one not in page] == [], view
    dirk = await browser_as(cast.dirk)
    page = (await dirk.get("/desk?view=all")).text
    assert [ref for ref in town.values() if ref in page] == []


async def test_what_needs_me_is_on_top_with_since_when_and_what_happens(
    engine: AsyncEngine, cast: Cast, town: Town, browser_as: SignIn
) -> None:
    page = (await (await browser_as(cast.femke)).get("/desk")).text
    assert "<title>(1) Werklijst" in page
    assert "Sinds 24 nov 2026; Bram de Boer wacht. Doe je niets: de aanbieding vervalt op 15 dec 2026." in page
    nobody = (await (await browser_as(cast.dirk)).get("/desk")).text
    assert "<title>Mijn vragen" in nobody
    assert "Er wacht niets op je" in nobody


async def test_what_has_been_said_no_longer_waits(engine: AsyncEngine, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        attempt: Trajectory = await tell.agreeing(session)
        await tell.take(session, attempt, "agree", cast.chen)
    town = {"it": attempt.ref.rpartition(".")[0]}
    assert await seen(engine, cast.chen, "mine", town) == set()
    assert await seen(engine, cast.chen, "others", town) == {"it"}
    assert await seen(engine, cast.amira, "mine", town) == {"it"}

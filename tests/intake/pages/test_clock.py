"""Pages about time: why a date, which questions run under earlier rules, what the clock could not do."""

from datetime import timedelta

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.cities import load_city, read_city
from schemas.database import reading, writing
from schemas.incidents import Incident, failed
from schemas.ledger import Entry
from schemas.moment import now
from schemas.parties import Cooperation
from schemas.subjects import Question, Trajectory
from schemas.versions import ProcessVersion
from tests.cast import Cast
from tests.conftest import SignIn
from tests.databases import TWENTE
from tests.story import Story


async def other_rules(engine: AsyncEngine) -> None:
    """The city gives the coordinator three working days instead of five."""
    city = read_city(TWENTE)
    rules = city.city.model_copy(update={"terms": {"screening": ["3 wd", "6 wd"], "offered": ["3 wd"]}})
    async with writing(engine) as session:
        await load_city(session, city.model_copy(update={"city": rules}), people=True)


async def test_a_date_is_explained_day_by_day_in_both_languages(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        one = await tell.offered(session)
        await tell.take(session, one, "extend", cast.bram, working_days=2)
    femke = await browser_as(cast.femke)
    page = (await femke.get(f"/trajectories/{one.ref}?lang=nl")).text
    assert f'href="/trajectories/{one.ref}/clock"' in page
    dutch = (await femke.get(f"/trajectories/{one.ref}/clock?lang=nl")).text
    assert "Er kwamen 2 werkdagen bij." in dutch
    assert "telt niet mee: weekend" in dutch
    english = (await femke.get(f"/trajectories/{one.ref}/clock?lang=en")).text
    assert "does not count: weekend" in english
    assert "Reminder to:" in english
    assert (await (await browser_as(cast.dirk)).get(f"/trajectories/{one.ref}/clock")).status_code == 403


async def test_the_same_is_told_to_programs(engine: AsyncEngine, cast: Cast, tell: Story, program_as: SignIn) -> None:
    async with writing(engine) as session:
        one = await tell.screening(session)
        await tell.take(session, one, "suspend", cast.bram, resume_on=(now() + timedelta(days=2)).date().isoformat())
        one = await session.get_one(Question, one.id)
    told = (await (await program_as(cast.bram)).get(f"/api/v1/questions/{one.ref}/clock")).json()
    assert (told["state"], told["current"], told["suspended_until"][:4]) == ("screening", True, str(now().year))
    first = told["terms"][0]
    assert (first["rule"], first["does"], first["to"], first["next"]) == ("5 wd", "reminder", ["coordinator"], True)
    assert sum(day["counts"] for day in first["days"]) == 5
    assert first["days"][-1]["date"] == first["ends"]
    assert {day["why"] for day in first["days"]} >= {None, "weekend"}


async def test_old_questions_go_on_under_their_rules_until_they_are_moved(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        old, stays = await tell.screening(session), await tell.screening(session)
        offered = await tell.offered(session)
    bram = await browser_as(cast.bram)
    assert "/changes" not in (await bram.get("/desk")).text
    await other_rules(engine)
    async with writing(engine) as session:
        new = await tell.screening(session)
        assert (await session.get_one(Question, old.id)).due_at == old.due_at
        assert new.due_at
        assert old.due_at
        assert (old.due_at - new.due_at).days >= 2
        assert len((await session.exec(select(ProcessVersion))).all()) == 2
    assert "/changes" in (await bram.get("/desk")).text
    page = (await bram.get("/changes?lang=nl")).text
    assert all(str(one.ref) in page for one in (old, stays, offered))
    assert str(new.ref) not in page
    moved = await bram.post("/changes", data={"ref": [str(old.ref), str(offered.ref).rsplit(".", 1)[0]]})
    assert moved.headers["location"] == "/changes?moved=2&left=0"
    async with reading(engine) as session:
        current = (await session.exec(select(Cooperation.process_id))).one()
        found = await session.get_one(Question, old.id)
        assert (found.process_id, found.due_at) == (current, new.due_at)
        assert (await session.get_one(Question, stays.id)).process_id != current
        assert (await session.get_one(Trajectory, offered.id)).process_id == current
        entry = (await session.exec(select(Entry).where(Entry.question_id == old.id, Entry.step == "adopt"))).one()
        assert (entry.actor_id, entry.process_id) == (cast.bram.id, current)
    again = await bram.post("/changes", data={"which": "all"})
    assert again.headers["location"] == "/changes?moved=1&left=0"
    assert "/questions/" not in (await bram.get("/changes")).text.split("<main")[1]


async def test_only_those_who_run_the_process_move_questions(cast: Cast, browser_as: SignIn) -> None:
    for one in (cast.amira, cast.femke, cast.eva, cast.dirk):
        browser = await browser_as(one)
        for answer in (await browser.get("/changes"), await browser.post("/changes", data={"which": "all"})):
            assert answer.status_code == 403
        assert (await browser.get("/incidents")).status_code == 403
    assert (await (await browser_as(cast.greta)).get("/changes")).status_code == 200


async def test_what_the_clock_could_not_do_is_seen_and_tried_again(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    bram, amira = await browser_as(cast.bram), await browser_as(cast.amira)
    assert "/incidents" not in (await bram.get("/desk")).text
    async with writing(engine) as session:
        one = await tell.screening(session)
        await failed(session, Question, one.id, RuntimeError("no"), now())
    assert "/incidents" in (await bram.get("/desk")).text
    assert "/incidents" not in (await amira.get("/desk")).text
    assert (await visitor.get("/health/ready")).json()["incidents"] == 1
    page = (await bram.get("/incidents?lang=en")).text
    assert str(one.ref) in page
    assert "RuntimeError" in page
    assert (await bram.post("/incidents")).status_code == 303
    async with reading(engine) as session:
        assert (await session.exec(select(Incident.retry_at))).one() <= now()

"""Somebody leaves, and everything with their name on it goes to a colleague in one action."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.absence import Absence
from schemas.database import reading, writing
from schemas.ledger import Entry
from schemas.moment import now
from schemas.parties import Membership
from schemas.people import open_work
from schemas.subjects import Question, Trajectory
from tests.cast import Cast
from tests.conftest import SignIn
from tests.story import Story


async def test_all_open_work_goes_over_by_steps_in_the_ledger(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast, tell: Story
) -> None:
    async with writing(engine) as session:
        own, shared = await tell.matching(session), await tell.screening(session, cast.gijs)
        await tell.take(session, shared, "change_deputy", cast.gijs, deputy_name="x", deputy_email=cast.amira.email)
        attempt = await tell.running(session)
        attempt.lecturer_id = cast.amira.id
        day = now().date()
        session.add(Absence(person_id=cast.karin.id, substitute_id=cast.amira.id, starts_on=day,
                            ends_on=day + timedelta(days=5), made_by_id=cast.karin.id))  # fmt: skip
        session.add(Membership(person_id=cast.amira.id, organisation_id="enschede", role="committee"))
    greta = await browser_as(cast.greta)
    done = await greta.post(f"/people/{cast.amira.id}/hand-over", data={"email": cast.marloes.email})
    assert (done.status_code, done.headers["location"]) == (303, f"/people/{cast.amira.id}?done=handed_over")
    async with reading(engine) as session:
        assert await open_work(session, cast.amira.id) == []
        assert (await session.get_one(Question, own.id)).owner_id == cast.marloes.id
        assert (await session.get_one(Question, shared.id)).deputy_id == cast.marloes.id
        assert (await session.get_one(Trajectory, attempt.id)).lecturer_id == cast.marloes.id
        assert (await session.exec(select(Absence.substitute_id))).all() == [cast.marloes.id]
        seats = select(Membership.role).where(Membership.person_id == cast.marloes.id)
        assert "committee" in (await session.exec(seats)).all()
        steps = select(Entry.step).where(Entry.actor_id == cast.greta.id)
        assert sorted((await session.exec(steps)).all()) == [
            "change_deputy", "change_lecturer", "change_owner", "change_owner",
        ]  # fmt: skip
    page = await greta.get(f"/people/{cast.amira.id}")
    assert "Marloes" not in page.text.split("<main")[1].split("sv-table")[0]


async def test_nobody_becomes_owner_and_deputy_of_one_question(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast, tell: Story
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
    greta = await browser_as(cast.greta)
    await greta.post(f"/people/{cast.amira.id}/hand-over", data={"email": cast.hanna.email})
    page = await greta.get(f"/people/{cast.amira.id}")
    assert str(question.ref) in page.text


async def test_a_successor_we_do_not_know_is_said_at_the_field(browser_as: SignIn, cast: Cast) -> None:
    greta = await browser_as(cast.greta)
    for email, said in (("niemand@example.org", "niemand"), ("", "in"), (cast.amira.email, "iemand anders")):
        refused = await greta.post(f"/people/{cast.amira.id}/hand-over", data={"email": email})
        assert refused.status_code == 400
        assert said in refused.text
        assert 'id="email-error"' in refused.text
        assert email in refused.text


async def test_only_an_administrator_hands_over(browser_as: SignIn, cast: Cast) -> None:
    for person in (cast.dirk, cast.bram, cast.femke, cast.amira):
        window = await browser_as(person)
        refused = await window.post(f"/people/{cast.amira.id}/hand-over", data={"email": cast.marloes.email})
        assert refused.status_code == 403

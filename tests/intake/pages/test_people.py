"""People come, change and go; who has left finds every door closed."""

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.links import letter_token, sign_in_token
from schemas.parties import Membership
from schemas.people import PeopleChange
from tests.cast import Cast
from tests.conftest import SignIn
from tests.story import Story


def days(first: str, last: str, substitute: str) -> dict[str, str]:
    found = {"substitute": substitute}
    for name, value in (("starts_on", first), ("ends_on", last)):
        found |= dict(zip((f"{name}-year", f"{name}-month", f"{name}-day"), value.split("-"), strict=True))
    return found


async def test_the_coordinator_goes_on_holiday_and_the_substitute_decides(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn
) -> None:
    bram, greta = await browser_as(cast.bram), await browser_as(cast.greta)
    form = days("2026-11-24", "2026-12-04", cast.greta.email)
    assert (await bram.post("/account/absences", data=form)).headers["location"] == "/account?done=away"
    async with writing(engine) as session:
        question = await tell.asked(session)
    assert str(question.ref) in (await greta.get("/desk?lang=nl")).text
    done = await greta.post(f"/questions/{question.ref}/steps/accept", data={"route": "thesis"})
    assert done.status_code == 303
    story = (await greta.get(f"/questions/{question.ref}?lang=nl")).text
    assert f"{cast.greta.name} (namens {cast.bram.name}) nam de vraag aan" in story


async def test_a_faulty_absence_is_told_where_it_was_typed(cast: Cast, browser_as: SignIn) -> None:
    bram = await browser_as(cast.bram)
    answer = await bram.post("/account/absences?lang=en", data=days("2026-11-24", "2026-12-04", "nobody@example.org"))
    assert answer.status_code == 400
    assert "We know nobody with this e-mail address." in answer.text
    assert 'value="nobody@example.org"' in answer.text


async def test_nobody_plans_or_ends_the_absence_of_another(cast: Cast, browser_as: SignIn) -> None:
    dirk, frank, bram = [await browser_as(one) for one in (cast.dirk, cast.frank, cast.bram)]
    form = days("2026-11-24", "2026-12-04", cast.greta.email)
    await bram.post("/account/absences", data=form)
    for other in (dirk, frank):
        assert (await other.post(f"/people/{cast.eva.id}/absence", data=form)).status_code == 403
        assert (await other.post("/absences/1/end")).status_code == 403
    assert (await bram.post("/absences/1/end")).headers["location"] == "/account?done=back"


async def test_an_invited_person_gets_a_letter_and_the_role(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    femke = await browser_as(cast.femke)
    form = {"name": "Noor Nieuw", "email": "noor.nieuw@example.org", "language": "nl", "role": "broker",
            "organisation": "ut"}  # fmt: skip
    assert (await femke.post("/people", data=form)).headers["location"] == "/people?done=invited"
    async with reading(engine) as session:
        letter = (await session.exec(select(Letter).where(Letter.name == "invited"))).one()
        what = list(await session.exec(select(PeopleChange.what).where(PeopleChange.person_id == letter.recipient_id)))
    assert (letter.email, sorted(what)) == ("noor.nieuw@example.org", ["invited", "role_given"])
    assert "Noor Nieuw" in (await femke.get("/people")).text
    opened = await femke.get(f"/sign-in/{sign_in_token(letter.facts['sign_in_link_id'])}")
    assert opened.status_code == 200


async def test_nobody_gives_a_role_that_is_not_theirs_to_give(cast: Cast, browser_as: SignIn) -> None:
    femke, frank, dirk = [await browser_as(one) for one in (cast.femke, cast.frank, cast.dirk)]
    form = {"name": "Noor Nieuw", "email": "noor.nieuw@example.org", "language": "nl"}
    for role, house in (("admin", "ut"), ("broker", "saxion"), ("lecturer", "ut"), ("clock", "ut")):
        answer = await femke.post("/people?lang=en", data=form | {"role": role, "organisation": house})
        assert (answer.status_code, "You may not give this role here." in answer.text) == (400, True)
    for other in (frank, dirk):
        assert (await other.get("/people")).status_code == 403
        assert (await other.post("/people", data=form | {"role": "admin", "organisation": "ut"})).status_code == 403
    assert (await femke.get(f"/people/{cast.bram.id}")).status_code == 403


async def test_who_stands_in_for_the_administrator_gives_no_rights(cast: Cast, browser_as: SignIn) -> None:
    greta, dirk = await browser_as(cast.greta), await browser_as(cast.dirk)
    await greta.post("/account/absences", data=days("2026-11-24", "2026-12-04", cast.dirk.email))
    assert (await dirk.get("/people")).status_code == 403


async def test_the_last_administrator_and_the_last_coordinator_stay(cast: Cast, browser_as: SignIn) -> None:
    greta = await browser_as(cast.greta)
    for last in (cast.greta, cast.bram):
        answer = await greta.post(f"/people/{last.id}/leave?lang=en")
        assert (answer.status_code, "Nobody would have this role any more." in answer.text) == (400, True)


async def test_who_has_left_is_refused_at_every_door(
    engine: AsyncEngine, tell: Story, cast: Cast, browser_as: SignIn, program_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    async with writing(engine) as session:
        one = await tell.offered(session)
    femke, program, greta = await browser_as(cast.femke), await program_as(cast.femke), await browser_as(cast.greta)
    async with reading(engine) as session:
        offer = select(Letter.id).where(Letter.name == "offer", Letter.recipient_id == cast.femke.id)
        link = f"/l/{letter_token((await session.exec(offer)).one())}"
    assert (await visitor.get(link)).status_code == 200
    assert (await program.get(f"/api/v1/trajectories/{one.ref}")).status_code == 200
    assert (await greta.post(f"/people/{cast.femke.id}/leave")).headers["location"] == "/people?done=left"
    assert (await femke.get("/desk")).status_code == 303
    assert (await program.get(f"/api/v1/trajectories/{one.ref}")).status_code == 401
    assert (await visitor.get(link)).status_code == 404
    assert (await visitor.post(f"{link}/steps/take_on")).status_code == 404
    await visitor.post("/sign-in", data={"email": cast.femke.email})
    async with reading(engine) as session:
        assert not list(await session.exec(select(Letter).where(Letter.name == "sign-in")))
        held = select(Membership).where(Membership.person_id == cast.femke.id, col(Membership.ended_on).is_(None))
        assert not list(await session.exec(held))

"""The main story as people live it: the form in a browser, and then only what each finds in their mail."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from flows.links import links_of
from schemas.database import reading, writing
from schemas.due import run_due
from schemas.form import PAGES
from schemas.ledger import Letter
from schemas.moment import now
from schemas.subjects import Question, Trajectory
from tests.cast import Cast, Somebody, form, needs_for
from tests.conftest import SignIn


class Mail:
    """Everybody's mailbox, and a browser in which nobody is signed in."""

    def __init__(self, engine: AsyncEngine, visitor: httpx2.AsyncClient, cast: Cast) -> None:
        self.engine, self.visitor, self.cast = engine, visitor, cast

    async def link(self, name: str, email: str) -> str:
        """The address behind the button of somebody's latest letter of that name."""
        query = select(Letter).where(Letter.name == name, Letter.email == email).order_by(col(Letter.id).desc())
        async with reading(self.engine) as session:
            letter = (await session.exec(query)).first()
        assert letter, f"{email} has no letter {name}"
        return urlsplit(links_of(letter)["act"]).path

    async def answer(self, who: Somebody, letter: str, step: str, **changes: Any) -> None:
        """Open the link of a letter, see the button, fill in what it asks, and press it."""
        address = await self.link(letter, who.email)
        page = await self.visitor.get(address)
        assert page.status_code == 200
        assert f"{address}/steps/{step}" in page.text
        institution = {"ivo": "saxion", "xandra": "saxion"}.get(who.email.split(".")[0], "ut")
        asked = {
            key: "\n".join(value) if isinstance(value, list) else str(value)
            for key, value in (needs_for(step, self.cast, institution) | changes).items()
        }
        assert (await self.visitor.get(f"{address}/steps/{step}")).status_code == 200
        done = await self.visitor.post(f"{address}/steps/{step}", data=asked)
        assert (done.status_code, done.headers.get("location")) == (303, f"{address}?done={step}"), done.text[-3000:]

    async def time_passes(self, clock: time_machine.Traveller, trajectory_id: int) -> str | None:
        """Until the next term of a trajectory ends; what the clock does then."""
        async with reading(self.engine) as session:
            clock.move_to((await session.get_one(Trajectory, trajectory_id)).due_at or now())
        async with writing(self.engine) as session:
            return await run_due(session, Trajectory, trajectory_id, now())


@pytest.fixture
def mail(engine: AsyncEngine, visitor: httpx2.AsyncClient, cast: Cast) -> Mail:
    return Mail(engine, visitor, cast)


async def submitted(visitor: httpx2.AsyncClient, answers: dict[str, Any]) -> str:
    """The form, page by page; the address of the confirmation."""
    base = (await visitor.post("/ask")).headers["location"].rsplit("/", 1)[0]
    for number, page in enumerate(PAGES, start=1):
        await visitor.post(f"{base}/{number}", data={name: answers.get(name, "") for name in page})
    done = await visitor.post(f"{base}/check")
    assert done.status_code == 303, done.text[-2000:]
    return str(done.headers["location"])


async def test_broker_lecturer_and_steering_group_never_sign_in(
    mail: Mail, program_as: SignIn, browser_as: SignIn, clock: time_machine.Traveller
) -> None:
    cast, bram = mail.cast, await program_as(mail.cast.bram)
    visitor, engine = mail.visitor, mail.engine
    status = await submitted(visitor, form(cast.jonas, cast.hanna, cast.amira))
    async with reading(engine) as session:
        question = (await session.exec(select(Question))).one()
    assert str(question.ref) in (await visitor.get(status)).text
    await mail.answer(cast.amira, "confirm-ownership", "confirm_ownership")
    forward = {"step": "put_forward", "needs": needs_for("put_forward", cast)}
    assert (await bram.post(f"/api/v1/questions/{question.ref}/steps", json=forward)).status_code == 201
    for member in (cast.eva, cast.lars, cast.mona, cast.niels):
        await mail.answer(member, "please-decide", "vote")
    offer = await bram.post(f"/api/v1/questions/{question.ref}/trajectories", json=needs_for("offer", cast))
    assert offer.status_code == 201
    await mail.answer(cast.femke, "offer", "take_on")
    await mail.answer(cast.quinten, "offer", "place")
    await mail.answer(cast.chen, "agreement", "agree")
    await mail.answer(cast.amira, "agreement", "agree")
    async with reading(engine) as session:
        attempt = (await session.exec(select(Trajectory))).one()
    for what in ("start", "midterm"):
        assert await mail.time_passes(clock, attempt.id) == what
    await mail.answer(cast.chen, "midterm", "report_midterm")
    await mail.answer(cast.chen, "kick-off", "deliver")
    await mail.answer(cast.amira, "delivered", "accept_result")
    await mail.answer(cast.chen, "result-accepted", "clear")
    amira = await browser_as(cast.amira)
    done = await amira.post(f"/trajectories/{attempt.ref}/steps/clear", data=needs_for("clear", cast))
    assert done.status_code == 303
    async with reading(engine) as session:
        attempt = await session.get_one(Trajectory, attempt.id)
        question = await session.get_one(Question, question.id)
        assert (question.state, attempt.state) == ("answered", "completed")
        assert attempt.published_on == now().date()
    assert "binnen honderd meter" in (await visitor.get(f"/results/{attempt.ref}")).text


async def test_the_other_language_reads_the_same_story(
    mail: Mail, visitor: httpx2.AsyncClient, program_as: SignIn
) -> None:
    cast, bram = mail.cast, await program_as(mail.cast.bram)
    await submitted(visitor, form(cast.jonas, cast.hanna))
    async with reading(mail.engine) as session:
        ref = (await session.exec(select(Question.ref))).one()
    back = {"step": "ask_back", "needs": needs_for("ask_back", cast)}
    assert (await bram.post(f"/api/v1/questions/{ref}/steps", json=back)).status_code == 201
    page = await visitor.get(await mail.link("please-clarify", cast.jonas.email))
    assert 'lang="en"' in page.text
    await mail.answer(cast.jonas, "please-clarify", "clarify")


async def test_a_link_of_long_ago_offers_a_new_one(
    mail: Mail, visitor: httpx2.AsyncClient, clock: time_machine.Traveller
) -> None:
    await submitted(visitor, form(mail.cast.jonas, mail.cast.hanna, mail.cast.amira))
    address = await mail.link("confirm-ownership", mail.cast.amira.email)
    clock.shift(timedelta(days=60))
    late = await visitor.get(address)
    assert late.status_code == 410
    refused = await visitor.post(f"{address}/steps/confirm_ownership", data={})
    assert (refused.status_code, refused.headers["location"]) == (303, address)
    async with reading(mail.engine) as session:
        assert (await session.exec(select(Question.state))).one() == "submitted"

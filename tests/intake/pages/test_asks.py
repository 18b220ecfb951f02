"""What a letter asks can be done from it: each state, each step it asks, each role, without an account."""

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from intake.link import BY_THE_DESK
from intake.tasks import asked
from schemas.database import reading, writing
from schemas.due import run_due
from schemas.ledger import Entry, Letter
from schemas.links import letter_token
from schemas.process import MACHINES
from schemas.rules import Role
from schemas.subjects import Trajectory
from tests.cast import Cast, needs_for
from tests.story import Story

NOBODY = BY_THE_DESK | {Role.CLOCK}  # these get no letter that asks
ASKS = [
    (machine.name, state, name, role)
    for machine in MACHINES.values()
    for state in machine.states
    for name, _, role in asked(machine, state)
    if role not in NOBODY
]
CONTACTS = [("question", "redirected", Role.PARTNER), ("trajectory", "offered", Role.BROKER),
            ("trajectory", "agreeing", Role.LECTURER), ("trajectory", "delivered", Role.OWNER)]  # fmt: skip


async def link_of(engine: AsyncEngine, role: Role, machine: str) -> str:
    """The link in the latest letter to somebody in this role, about a question or about a trajectory."""
    about = col(Letter.trajectory_id).is_(None) if machine == "question" else col(Letter.trajectory_id).is_not(None)
    query = select(Letter.id).where(Letter.role == role, about).order_by(col(Letter.id).desc())
    async with reading(engine) as session:
        found = (await session.exec(query)).first()
    assert found, f"nobody wrote to the {role}"
    return f"/l/{letter_token(found)}"


async def answer(visitor: httpx2.AsyncClient, link: str, step: str, given: dict[str, object]) -> None:
    """See the button, fill in the form behind it, press; then the link is used, and says so."""
    page = await visitor.get(link)
    assert (page.status_code, f"{link}/steps/{step}" in page.text) == (200, True), step
    assert (await visitor.get(f"{link}/steps/{step}")).status_code == 200
    typed = {name: "\n".join(value) if isinstance(value, list) else str(value) for name, value in given.items()}
    done = await visitor.post(f"{link}/steps/{step}", data=typed)
    assert done.status_code == 303, done.text[-2000:]
    assert (await visitor.get(link)).text.count("/steps/") == 0


@pytest.mark.parametrize(("machine", "state", "step", "role"), ASKS)
async def test_the_step_is_behind_the_link(
    machine: str, state: str, step: str, role: Role, engine: AsyncEngine, cast: Cast, tell: Story,
    visitor: httpx2.AsyncClient,
) -> None:  # fmt: skip
    async with writing(engine) as session:
        subject = await tell.state(session, machine, state)
        if MACHINES[machine].states[state].asks_when == "answer_due":  # the clock asks, months later
            assert subject.due_at
            await run_due(session, type(subject), subject.id, subject.due_at)
    institution = subject.institution_id if isinstance(subject, Trajectory) else "ut"
    await answer(visitor, await link_of(engine, role, machine), step, needs_for(step, cast, institution))
    async with reading(engine) as session:
        assert step in set(await session.exec(select(Entry.step)))


@pytest.mark.parametrize(("machine", "state", "role"), CONTACTS)
async def test_who_is_not_the_right_person_says_who_is(
    machine: str, state: str, role: Role, engine: AsyncEngine, cast: Cast, tell: Story, visitor: httpx2.AsyncClient
) -> None:
    async with writing(engine) as session:
        await tell.state(session, machine, state)
    link = await link_of(engine, role, machine)
    wrong = await visitor.post(f"{link}/steps/correct_contact", data={"contact_name": "Peter", "contact_email": "x"})
    assert wrong.status_code == 400
    assert 'id="contact_email-error"' in wrong.text
    await answer(visitor, link, "correct_contact", needs_for("correct_contact", cast))
    async with reading(engine) as session:
        told = (await session.exec(select(Letter).where(Letter.name == "contact-corrected"))).all()
    assert {one.role for one in told} == {"coordinator"}
    assert told[0].facts["given"]["contact_email"]["value"] == "peter.nijland@example.org"

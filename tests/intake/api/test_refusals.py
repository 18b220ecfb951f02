"""What the tables do not allow is refused over HTTP, with the reason and with what is true now."""

from pathlib import Path
from random import Random

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.case import open_case
from schemas.database import open_engine, reading, writing
from schemas.guards import holds
from schemas.process import MACHINES
from schemas.references import with_check
from schemas.rules import NEW
from schemas.standing import standing
from schemas.steps import roles_of
from schemas.subjects import Question, Subject, Trajectory
from schemas.words import word
from tests.cast import Cast, Somebody, needs_for
from tests.intake.api.conftest import ApiAs, Body
from tests.story import Story

PATHS = {Question: "questions", Trajectory: "trajectories"}
HIDDEN = ("draft", "discarded")  # nobody but the holder of a link sees these
STATES = [(machine.name, state) for machine in MACHINES.values() for state in machine.states if state not in HIDDEN]
TRIES = 8  # of some two hundred per state; tests/schemas tries them all


async def refusals(engine: AsyncEngine, cast: Cast, subject: Subject, dice: Random) -> list[tuple[Somebody, str, int]]:
    """Some pairs of a person and a step that the tables do not allow now, with the status that is due."""
    people = (cast.amira, cast.hanna, cast.bram, cast.eva, cast.femke, cast.chen, cast.els, cast.daan, cast.dirk)
    found = []
    async with reading(engine) as session:
        case = await open_case(session, subject)
        for person in people:
            roles = await roles_of(case, person)
            for name, step in case.machine.steps.items():
                may = bool(roles & {*step.by})
                now = subject.state in step.moves and holds(step.when, case, needs_for(name, cast))
                if NEW not in step.moves and not (may and now):
                    found.append((person, name, 409 if may else 403))
    return dice.sample(found, TRIES)


@pytest.mark.parametrize(("machine", "state"), STATES)
async def test_what_is_not_in_the_tables(
    machine: str, state: str, engine: AsyncEngine, cast: Cast, tell: Story, api_as: ApiAs
) -> None:
    async with writing(engine) as session:
        subject = await tell.state(session, machine, state)
    where = f"{PATHS[type(subject)]}/{subject.ref}"
    for person, step, status in await refusals(engine, cast, subject, Random(f"{machine} {state}")):
        api = await api_as(person)
        answer = await api.post(f"{where}/steps", json={"step": step, "needs": needs_for(step, cast)})
        assert (step, person.name, answer.status_code) == (step, person.name, status), answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        if status == 409:
            assert (answer.json()["state"], answer.json()["step"]) == (state, step)
            assert answer.json()["state_label"] == word(person.language, f"states.{state}.label")
            async with reading(engine) as session:
                told = standing(await open_case(session, subject), person.language)
            assert answer.json()["now"] == told.as_facts() | {"next": told.next}
    async with reading(engine) as session:
        after: Subject = await session.get_one(type(subject), subject.id)
        assert after.version == subject.version


async def test_an_unknown_reference_helps(api_as: ApiAs, cast: Cast) -> None:
    api = await api_as(cast.jonas)
    right = with_check("ES-2026-0999")
    wrong = right[:-1] + ("A" if right[-1] != "A" else "B")
    for path in ("questions/{}", "questions/{}/letters", "trajectories/{}.1"):
        absent, mistyped = await api.get(path.format(right)), await api.get(path.format(wrong))
        assert (absent.status_code, mistyped.status_code) == (404, 404)
        assert "typing error" not in absent.json()["detail"]
        assert "typing error" in mistyped.json()["detail"]
        assert mistyped.json()["type"] == "/api#not-found"


@pytest.mark.parametrize("ref", ["%00", "ES-2026-0001-%F0%9F%9A%B2", "x" * 500, "’"])
async def test_a_reference_may_be_anything(api_as: ApiAs, cast: Cast, ref: str) -> None:
    api = await api_as(cast.bram)
    for path in (f"questions/{ref}", f"trajectories/{ref}"):
        assert (await api.get(path)).status_code == 404
        assert (await api.post(f"{path}/steps", json={"step": "accept"})).status_code == 404


async def test_without_a_valid_token(app: object, api_as: ApiAs, cast: Cast) -> None:
    api = await api_as(cast.amira)
    for header in ({}, {"Authorization": "Bearer no-such-token"}, {"Authorization": "Basic YTpi"}):
        api.headers.pop("Authorization", None)
        for answer in (
            await api.get("questions", headers=header),
            await api.post("questions", headers=header, json={}),
        ):
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "/api#unauthenticated"


async def test_a_signed_in_browser_may_use_it_too(app: object, browser_as: ApiAs, cast: Cast) -> None:
    browser = await browser_as(cast.amira)
    assert (await browser.get("/api/v1/questions")).json()["total"] == 0


async def test_unknown_addresses_and_methods(api_as: ApiAs, cast: Cast) -> None:
    api = await api_as(cast.amira)
    absent, method = await api.get("nothing/here"), await api.put("questions", json={})
    assert (absent.status_code, absent.json()["type"]) == (404, "/api#not-found")
    assert (method.status_code, method.json()["type"]) == (405, "/api#method")
    assert {"GET", "POST"} & {*method.headers["allow"].split(", ")}


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///{}/none/here.db", "postgresql+asyncpg://nobody@127.0.0.1:1/none"])
async def test_the_database_is_gone(app: FastAPI, api_as: ApiAs, cast: Cast, tmp_path: Path, url: str) -> None:
    api, right = await api_as(cast.amira), app.state.engine
    app.state.engine = open_engine(url.format(tmp_path))
    for answer in (await api.get("questions"), await api.post("questions", json={})):
        assert (answer.status_code, answer.json()["type"]) == (503, "/api#unavailable")
        assert answer.headers["retry-after"]
        assert "nobody" not in answer.text
    await app.state.engine.dispose()
    app.state.engine = right
    assert (await api.get("questions")).status_code == 200


async def test_outside_the_api_pages_stay_pages(api_as: ApiAs, cast: Cast) -> None:
    api = await api_as(cast.amira)
    answer = await api.get("http://stad.example.org/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_new_question_is_no_step_for_an_office_to_skip(api_as: ApiAs, cast: Cast, body: Body) -> None:
    ref = (await (await api_as(cast.amira)).post("questions", json=body())).json()["ref"]
    bram, lars = await api_as(cast.bram), await api_as(cast.lars)
    unknown = await bram.post(f"questions/{ref}/steps", json={"step": "fly"})
    assert (unknown.status_code, unknown.json()["faults"][0]["code"]) == (400, "unknown")
    early = await lars.post(f"questions/{ref}/votes", json={"vote": "accept"})
    assert (early.status_code, early.json()["state"]) == (409, "screening")
    offer = await bram.post(f"questions/{ref}/trajectories", json=needs_for("offer", cast))
    assert (offer.status_code, offer.json()["state"]) == (409, "screening")

"""An Idempotency-Key makes a repeated POST harmless, also when both arrive at once; rivals take turns."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.access import IdempotencyKey
from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.subjects import Question
from tests.cast import Cast, needs_for
from tests.intake.api.conftest import ApiAs, Body
from tests.story import Story

KEY = {"Idempotency-Key": "order-66"}


async def count(engine: AsyncEngine, table: type[Any]) -> int:
    async with reading(engine) as session:
        return (await session.exec(select(func.count(col(table.id))))).one()


def statuses(answers: Sequence[httpx2.Response]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


async def test_the_same_again(engine: AsyncEngine, api_as: ApiAs, cast: Cast, body: Body) -> None:
    api = await api_as(cast.amira)
    first, again = [await api.post("questions", json=body(), headers=KEY) for _ in range(2)]
    assert statuses([first, again]) == [201, 201]
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    assert await count(engine, Question) == 1


async def test_another_request_with_a_used_key(engine: AsyncEngine, api_as: ApiAs, cast: Cast, body: Body) -> None:
    api = await api_as(cast.amira)
    ref = (await api.post("questions", json=body(), headers=KEY)).json()["ref"]
    other_body = await api.post("questions", json=body(title="Iets anders"), headers=KEY)
    other_path = await api.post(f"questions/{ref}/steps", json=body(), headers=KEY)
    for answer in (other_body, other_path):
        assert answer.status_code in (400, 409)
    assert other_body.json()["type"] == "/api#key-reused"
    assert await count(engine, Question) == 1


async def test_a_key_is_a_persons_own(engine: AsyncEngine, api_as: ApiAs, cast: Cast, body: Body) -> None:
    answers = [
        await (await api_as(one)).post("questions", json=body(), headers=KEY) for one in (cast.amira, cast.jonas)
    ]
    assert statuses(answers) == [201, 201]
    assert answers[0].json()["ref"] != answers[1].json()["ref"]


async def test_eight_at_once_with_one_key(engine: AsyncEngine, api_as: ApiAs, cast: Cast, body: Body) -> None:
    api = await api_as(cast.amira)
    answers = await asyncio.gather(*(api.post("questions", json=body(), headers=KEY) for _ in range(8)))
    assert statuses(answers) == [201] * 8
    assert len({(answer.text, answer.headers["location"]) for answer in answers}) == 1
    assert (await count(engine, Question), await count(engine, IdempotencyKey)) == (1, 1)
    assert await count(engine, Letter) == 2


async def test_a_refusal_leaves_the_key_free(engine: AsyncEngine, api_as: ApiAs, cast: Cast, body: Body) -> None:
    api = await api_as(cast.amira)
    assert (await api.post("questions", json=body(title=""), headers=KEY)).status_code == 400
    assert await count(engine, IdempotencyKey) == 0
    assert (await api.post("questions", json=body(), headers=KEY)).status_code == 201


async def test_a_step_voting_and_offering_are_once_too(
    engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story
) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
    bram, eva = await api_as(cast.bram), await api_as(cast.eva)
    where = f"questions/{question.ref}"
    posts: list[tuple[httpx2.AsyncClient, str, dict[str, Any]]] = [
        (eva, f"{where}/votes", {"vote": "accept"}),
        (bram, f"{where}/steps", {"step": "accept", "needs": {"route": "any"}}),
        (bram, f"{where}/trajectories", needs_for("offer", cast)),
    ]
    for number, (api, path, sent) in enumerate(posts):
        twice = [await api.post(path, json=sent, headers={"Idempotency-Key": f"k{number}"}) for _ in range(2)]
        assert statuses(twice) == [201, 201]
        assert twice[0].json() == twice[1].json()
    assert await count(engine, Entry) == 5


async def test_rivals_advance_it_once(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    api = await api_as(cast.bram)
    steps = [{"step": "accept", "needs": {"route": "any"}}, {"step": "ask_back", "needs": {"note": "Waar?"}}] * 4
    answers = await asyncio.gather(*(api.post(f"questions/{question.ref}/steps", json=one) for one in steps))
    assert statuses(answers) == [201] + [409] * 7
    assert await count(engine, Entry) == 2


async def test_members_who_vote_at_the_same_moment(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    """Nobody is sent away for being a moment later, until there is a decision."""
    async with writing(engine) as session:
        question = await tell.triage(session)
    apis = [await api_as(member) for member in cast.committee]
    where = f"questions/{question.ref}/votes"
    answers = await asyncio.gather(*(api.post(where, json={"vote": "accept"}) for api in apis))
    assert statuses(answers) == [201] * 4 + [409] * 2
    async with reading(engine) as session:
        accepted = (await session.exec(select(Entry).where(Entry.step == "accept"))).all()
    assert len(accepted) == 1


async def test_offers_at_the_same_moment(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
    api, where = await api_as(cast.bram), f"questions/{question.ref}/trajectories"
    houses = ("ut", "saxion", "roc-twente", "artez")
    answers = await asyncio.gather(*(api.post(where, json=needs_for("offer", cast, one)) for one in houses))
    assert statuses(answers) == [201] * 4
    assert {answer.json()["ref"] for answer in answers} == {f"{question.ref}.{n}" for n in (1, 2, 3, 4)}


async def test_new_people_in_another_order(api_as: ApiAs, cast: Cast, body: Body) -> None:
    """Two questions that each name two newcomers, the one's owner the other's deputy, do not stop one another."""
    api = await api_as(cast.amira)
    pairs = [({"name": "Een", "email": f"een{n}@example.org"}, {"name": "Twee", "email": f"twee{n}@example.org"})
             for n in range(8)]  # fmt: skip
    asked = [body(owner=one, deputy=two) for pair in pairs for one, two in (pair, pair[::-1])]
    assert statuses(await asyncio.gather(*(api.post("questions", json=one) for one in asked))) == [201] * 16

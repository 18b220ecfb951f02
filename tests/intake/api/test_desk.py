"""The desk for programs: the same views and filters, lists with a name, and one step on many."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.database import reading, writing
from schemas.ledger import Entry
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs
from tests.story import Story

REJECT = {"reason": "Dit past niet bij onderwijs.", "alternative": "Het team Mobiliteit."}


async def test_views_and_order(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        first, second, third = await tell.screening(session), await tell.on_hold(session), await tell.offered(session)
    question = third.ref.rpartition(".")[0]
    finds: list[tuple[Any, dict[str, Any], list[str | None]]] = [
        (cast.bram, {"view": "mine"}, [first.ref]), (cast.bram, {"view": "hold"}, [second.ref]),
        (cast.femke, {"view": "mine"}, [question]), (cast.femke, {"view": "hold"}, []),
        (cast.dirk, {"view": "all"}, []),
        (cast.bram, {"sort": "ref"}, [first.ref, second.ref, question]),
        (cast.bram, {"sort": "ref", "order": "down", "view": "open"}, [question, second.ref, first.ref]),
        (cast.bram, {"challenge": "bereikbaarheid", "person": "hanna"}, [question, second.ref, first.ref]),
        (cast.bram, {"challenge": "energie"}, []), (cast.bram, {"person": "jonas"}, []),
    ]  # fmt: skip
    for who, query, refs in finds:
        answer = (await (await api_as(who)).get("questions", params=query)).json()
        assert ([one["ref"] for one in answer["items"]], answer["total"]) == (refs, len(refs)), query
    faulty = await (await api_as(cast.bram)).get("questions?view=x&sort=y&order=z&state=q&person=%00")
    assert {one["field"] for one in faulty.json()["faults"]} == {"view", "sort", "order", "state", "person"}


async def test_lists_with_a_name(api_as: ApiAs, cast: Cast) -> None:
    bram, eva = await api_as(cast.bram), await api_as(cast.eva)
    made = (await bram.post("views", json={"name": "Te laat", "query": "view=late&nonsense=1"})).json()
    assert made == {"id": made["id"], "name": "Te laat", "query": "view=late"}
    where = f"views/{made['id']}"
    assert (await eva.get("views")).json()["items"] == []
    assert (await eva.delete(where)).status_code == 404
    assert (await eva.post(where, json={"name": "x"})).status_code == 404
    assert (await bram.post(where, json={"name": "Laat"})).json()["name"] == "Laat"
    for sent in ({}, {"name": 3}, {"name": "x" * 41}, {"name": "x", "more": 1}):
        assert (await bram.post(where, json=sent)).status_code == 400
    assert (await bram.delete(where)).json()["name"] == "Laat"
    assert (await bram.get("views")).json()["total"] == 0


async def test_one_step_on_many(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        fits, gone, theirs = await tell.screening(session), await tell.withdrawn(session), await tell.running(session)
    subjects = [str(fits.ref), str(gone.ref), theirs.ref, "ES-2026-0999-X"]
    sent, bram = {"step": "reject", "needs": REJECT, "subjects": subjects}, await api_as(cast.bram)
    answer = await bram.post("steps", json=sent, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201
    items = {one["ref"]: one for one in answer.json()["items"]}
    assert [items[ref]["outcome"] for ref in subjects] == ["done", "moved_on", "unknown", "unknown"]
    assert (items[subjects[0]]["state"], items[subjects[1]]["state"]) == ("rejected", "withdrawn")
    assert items[subjects[0]]["letters"] == [cast.amira.email]
    async with reading(engine) as session:
        count = (await session.exec(select(func.count(col(Entry.id))))).one()
    again = await bram.post("steps", json=sent, headers={"Idempotency-Key": "k"})
    assert again.json() == answer.json()
    assert (await bram.get(answer.headers["location"].removeprefix("/api/v1/"))).json() == answer.json()
    async with reading(engine) as session:
        assert (await session.exec(select(func.count(col(Entry.id))))).one() == count
    dirk = await api_as(cast.dirk)
    told = (await dirk.post("steps", json=sent)).json()["items"]
    assert [(one["outcome"], one["state"]) for one in told[:2]] == [("not_yours", None)] * 2
    assert (await dirk.get(f"steps/{answer.json()['id']}")).status_code == 404


async def test_what_is_not_asked_well(api_as: ApiAs, cast: Cast) -> None:
    bram = await api_as(cast.bram)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"step": "reject", "needs": REJECT}, "subjects"),
        ({"step": "reject", "needs": REJECT, "subjects": []}, "subjects"),
        ({"step": "reject", "needs": REJECT, "subjects": ["x"] * 101}, "subjects"),
        ({"step": "reject", "needs": {}, "subjects": ["x"]}, "reason"), ({"step": "fly", "subjects": ["x"]}, "step"),
        ({"step": "reject", "needs": REJECT, "subjects": [3]}, "subjects"),
    ]  # fmt: skip
    for sent, name in wrong:
        answer = await bram.post("steps", json=sent)
        assert (answer.status_code, name in {one["field"] for one in answer.json()["faults"]}) == (400, True), sent

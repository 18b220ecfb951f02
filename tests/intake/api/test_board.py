"""The offering board and the order in which institutions are asked, for programs."""

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.supply import OfferLimit
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs
from tests.story import Story


async def test_what_can_be_reached_is_what_can_be_asked(
    engine: AsyncEngine, tell: Story, api_as: ApiAs, cast: Cast
) -> None:
    async with writing(engine) as session:
        question, other = await tell.matching(session), await tell.matching(session, cast.marloes)
        session.add(OfferLimit(institution_id="saxion", most=1))
    bram, femke = await api_as(cast.bram), await api_as(cast.femke)
    first = (await bram.get("board?size=1")).json()
    assert (len(first["items"]), first["total"]) == (1, 2)
    rest = (await bram.get(f"board?size=1&after={first['next'].split('after=')[1]}")).json()
    assert {first["items"][0]["ref"], rest["items"][0]["ref"]} == {question.ref, other.ref}
    assert rest["next"] is None
    cell = next(one for one in first["items"][0]["terms"] if one["state"] == "reachable")
    ref = first["items"][0]["ref"]
    needs = {"candidates": [cell["candidate"], "saxion-project-week"], "order": "in_order", "answer_days": 5}
    taken = await bram.post(f"questions/{ref}/steps", json={"step": "ask_around", "needs": needs})
    assert taken.status_code == 201
    line = (await bram.get(f"questions/{ref}/offers")).json()
    assert [(one["turn"], one["offering"], one["waits"]) for one in line] == [
        (1, cell["offering"], False), (2, "saxion-project-week", True),
    ]  # fmt: skip
    assert line[0]["answer_by"]
    said = {"step": "decline", "needs": {"reason": "Vol."}}
    broker = await api_as(cast.broker(cell["institution"]))
    assert (await broker.post(f"trajectories/{line[0]['trajectory']}/steps", json=said)).status_code == 201
    assert femke
    load = {one["institution"]: one for one in (await bram.get("board/institutions")).json()}
    assert (load["saxion"]["open_offers"], load["saxion"]["most"]) == (0, 1)


async def test_refused_to_whom_it_does_not_concern(engine: AsyncEngine, tell: Story, api_as: ApiAs, cast: Cast) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
    ask = {"step": "ask_around", "needs": {"candidates": ["ut-uif"], "order": "in_order"}}
    for who in (cast.dirk, cast.femke, cast.chen, cast.amira, cast.els):
        api = await api_as(who)
        for path in ("board", "board/institutions", f"questions/{question.ref}/offers"):
            assert (await api.get(path)).status_code == 403, (who.name, path)
        assert (await api.post(f"questions/{question.ref}/steps", json=ask)).status_code == 403, who.name
    eva = await api_as(cast.eva)
    assert (await eva.get("board")).status_code == 200
    assert (await eva.post(f"questions/{question.ref}/steps", json=ask)).status_code == 403
    faulty = {"step": "ask_around", "needs": {"candidates": ["bestaat-niet"], "order": "in_order"}}
    bram = await api_as(cast.bram)
    assert (await bram.post(f"questions/{question.ref}/steps", json=faulty)).status_code == 400

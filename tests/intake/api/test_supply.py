"""Next year's supply by a program: the same facts, the same refusals, the same history as on the pages."""

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs
from tests.story import Story

LAB = {"name_nl": "Lab", "name_en": "Lab", "kind": "lab", "level": "wo", "languages": ["nl"], "periods": ["S1"]}


async def test_an_offering_from_nothing_to_next_year(
    engine: AsyncEngine, tell: Story, api_as: ApiAs, cast: Cast
) -> None:
    femke, amira = await api_as(cast.femke), await api_as(cast.amira)
    made = await femke.post("institutions/ut/offerings", json=LAB | {"seats": 2})
    assert (made.status_code, made.headers["location"]) == (201, "/api/v1/offerings/ut-lab")
    said = {"term": "ut:2026/27:S1", "seats": 1, "hand_in_by": "2026-06-30"}
    assert (await femke.post("offerings/ut-lab/editions", json=said)).json()["after"]["seats"] == 1
    copied = (await femke.post("institutions/ut/copies", json={"year": "2026/27"})).json()["editions"]
    assert "ut-lab ut:2027/28:S1" in copied
    assert (await femke.post("institutions/ut/copies", json={"year": "2026/27"})).json()["editions"] == []
    seen = (await amira.get("offerings/ut-lab")).json()
    facts = [[one[name] for name in ("term", "seats", "left", "hand_in_by", "confirmed")] for one in seen["editions"]]
    assert facts == [["ut:2027/28:S1", 1, 1, "2027-07-06", True]]
    assert (await femke.post("offerings/ut-lab/changes", json={"offered": False})).json()["what"] == "stopped"
    assert (await amira.get("offerings/ut-lab")).status_code == 403
    again = await femke.post("offerings/ut-lab/changes", json={"offered": False})
    assert (again.status_code, again.json()["what"]) == (201, "nothing")


async def test_nobody_else_changes_a_supply(api_as: ApiAs, cast: Cast) -> None:
    calls = (("institutions/ut/offerings", LAB), ("offerings/ut-htht/changes", {"seats": 1}),
             ("offerings/ut-htht/editions", {"term": "ut:2026/27:2A"}), ("institutions/ut/copies", {"year": "2026/27"}),
             ("institutions/ut/limits", {"open_offers": 0}))  # fmt: skip
    for other in (cast.dirk, cast.ivo, cast.bram, cast.chen):
        api = await api_as(other)
        assert [(await api.post(path, json=body)).status_code for path, body in calls] == [403] * len(calls)


async def test_seats_in_the_list_go_down_as_questions_come_in(
    engine: AsyncEngine, tell: Story, api_as: ApiAs, cast: Cast
) -> None:
    femke = await api_as(cast.femke)
    await femke.post("offerings/ut-create-graduation-project/changes", json={"seats": 2})
    async with writing(engine) as session:
        await tell.agreeing(session)
    listed = (await femke.get("offerings?institution=ut&text=create-graduation-project")).json()["items"][0]
    left = {one["term"]: one["left"] for one in listed["editions"]}
    assert left["ut:2026/27:2A"] == 1
    assert set(left.values()) == {1, 2}

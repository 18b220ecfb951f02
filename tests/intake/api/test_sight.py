"""Lists, counts, search and filters hold what the reader may see, and no more."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from tests.cast import Cast, Somebody
from tests.intake.api.conftest import ApiAs
from tests.story import Story


@pytest.fixture
async def town(engine: AsyncEngine, tell: Story, cast: Cast) -> dict[str, str]:
    """Three questions: Amira's at two institutions, Karin's before the committee, Jonas's draft nobody may see."""
    async with writing(engine) as session:
        bikes = await tell.matching(session)
        at_ut, at_saxion = await tell.placing(session, bikes), await tell.offered(session, bikes, "saxion")
        parks = await tell.triage(
            session, cast.karin, city="hengelo", title="Hoe houden we de parken schoon?",
            situation="Er ligt veel afval.", wanted="Een plan.", use="Het beheer verandert.", place="Prins Bernhard",
        )  # fmt: skip
        await tell.draft(session, cast.jonas)
    return {"bikes": str(bikes.ref), "parks": str(parks.ref), "ut": at_ut.ref, "saxion": at_saxion.ref}


async def listed(api_as: ApiAs, who: Somebody, **query: Any) -> list[str]:
    answer = (await (await api_as(who)).get("questions", params=query)).json()
    assert answer["total"] == len(answer["items"])
    return [one["ref"] for one in answer["items"]]


async def test_each_sees_their_own(api_as: ApiAs, cast: Cast, town: dict[str, str]) -> None:
    bikes, parks = town["bikes"], town["parks"]
    for who in (cast.bram, cast.eva, cast.lars, cast.els, cast.frank):
        assert await listed(api_as, who) == [parks, bikes], who.name
    for who in (cast.amira, cast.hanna, cast.femke, cast.quinten, cast.ivo):
        assert bikes in await listed(api_as, who), who.name
    for who in (cast.amira, cast.femke, cast.ivo):
        assert await listed(api_as, who) == [bikes], who.name
    for who in (cast.jonas, cast.sanne, cast.chen, cast.daan, cast.dirk):
        assert await listed(api_as, who) == [], who.name
    assert await listed(api_as, cast.karin) == [parks]


async def test_search_and_filters_find_nothing_hidden(api_as: ApiAs, cast: Cast, town: dict[str, str]) -> None:
    bikes, parks = town["bikes"], town["parks"]
    finds: list[tuple[dict[str, Any], list[str], list[str]]] = [
        ({"text": "FIETS looproutes"}, [bikes], [bikes]),
        ({"text": "afval"}, [parks], []),
        ({"text": parks.lower()}, [parks], []),
        ({"text": town["ut"]}, [bikes], [bikes]),
        ({"text": "100%"}, [], []),
        ({"city": "Hengelo"}, [parks], []),
        ({"city": "ENSCHEDE"}, [bikes], [bikes]),
        ({"state": "triage"}, [parks], []),
        ({"state": ["triage", "matching"]}, [parks, bikes], [bikes]),
        ({"state": "draft"}, [], []),
        ({"institution": "saxion"}, [bikes], []),
        ({"institution": "ut"}, [bikes], [bikes]),
    ]
    for query, all_of_them, of_femke in finds:
        assert await listed(api_as, cast.bram, **query) == all_of_them, query
        assert await listed(api_as, cast.femke, **query) == of_femke, query
    assert await listed(api_as, cast.amira, institution="saxion") == [bikes]


async def test_an_institution_sees_its_own_trajectory_only(api_as: ApiAs, cast: Cast, town: dict[str, str]) -> None:
    femke = await api_as(cast.femke)
    assert (await femke.get(f"trajectories/{town['ut']}")).status_code == 200
    for path in ("{}", "{}/entries", "{}/clock"):
        assert (await femke.get("trajectories/" + path.format(town["saxion"]))).status_code == 403
    question = (await femke.get(f"questions/{town['bikes']}")).json()
    assert [one["ref"] for one in question["trajectories"]] == [town["ut"]]
    told = (await femke.get(f"questions/{town['bikes']}/entries")).json()["items"]
    assert town["saxion"] not in {one["ref"] for one in told}
    assert town["ut"] in {one["ref"] for one in told}
    in_list = (await femke.get("questions")).json()["items"][0]
    assert [one["ref"] for one in in_list["trajectories"]] == [town["ut"]]
    letters = (await femke.get(f"questions/{town['bikes']}/letters")).json()["items"]
    assert {one["recipient"] for one in letters} == {cast.femke.email}
    assert (await (await api_as(cast.amira)).get(f"trajectories/{town['saxion']}")).status_code == 200


async def test_what_exists_but_is_not_for_you(api_as: ApiAs, cast: Cast, town: dict[str, str]) -> None:
    dirk = await api_as(cast.dirk)
    for path in ("", "/entries", "/letters", "/matches", "/clock"):
        answer = await dirk.get(f"questions/{town['bikes']}{path}")
        assert (answer.status_code, answer.json()["type"]) == (403, "/api#not-yours")
    for path, sent in (("steps", {"step": "accept"}), ("votes", {"vote": "accept"}), ("trajectories", {})):
        assert (await dirk.post(f"questions/{town['bikes']}/{path}", json=sent)).status_code == 403


async def test_votes_and_advice_stay_with_the_committee(api_as: ApiAs, cast: Cast, town: dict[str, str]) -> None:
    eva, karin, where = await api_as(cast.eva), await api_as(cast.karin), f"questions/{town['parks']}"
    await eva.post(f"{where}/votes", json={"vote": "abstain", "reason": "Geheim"})
    hers, theirs = (await karin.get(where)).json(), (await eva.get(where)).json()
    assert (hers["votes"], hers["advice"]) == (None, None)
    assert [(one["person"]["name"], one["vote"]) for one in theirs["votes"]] == [(cast.eva.name, "abstain")]
    assert theirs["advice"]["advice"] == "accept"
    assert "vote" not in {one["step"] for one in (await karin.get(f"{where}/entries")).json()["items"]}
    assert "vote" in {one["step"] for one in (await eva.get(f"{where}/entries")).json()["items"]}


async def test_pages_follow_on_one_another(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        refs = [(await tell.screening(session)).ref for _ in range(5)]
    api, found, page = await api_as(cast.bram), [], "questions?size=2&text=fiets"
    while page:
        answer = (await api.get(page)).json()
        assert answer["total"] == 5
        found += [one["ref"] for one in answer["items"]]
        page = answer["next"]
    assert found == refs[::-1]

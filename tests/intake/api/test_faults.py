"""Every fault at once, each named as in the request, in the person's language; nothing odd becomes a 500."""

import json
from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs, Body
from tests.story import Story

JSON = {"Content-Type": "application/json"}


def faults(answer: httpx2.Response) -> dict[str, str]:
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return {one["field"]: one["code"] for one in answer.json()["faults"]}


async def test_an_empty_question_names_every_field(api_as: ApiAs, cast: Cast) -> None:
    answer = await (await api_as(cast.amira)).post("questions", json={})
    assert faults(answer) == dict.fromkeys(
        ["title", "situation", "wanted", "use", "city", "department", "deputy.name", "deputy.email", "manager_agrees",
         "challenge", "time_available", "confidential", "language"], "missing",
    )  # fmt: skip
    assert answer.json()["faults"][0]["message"] == "Vul dit in."


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "x" * 151}, {"title": "too_long"}),
        ({"title": ["x"]}, {"title": "wrong"}),
        ({"city": "Almelo"}, {"city": "unknown"}),
        ({"challenge": "Ruimtevaart"}, {"challenge": "unknown"}),
        ({"city": 5, "challenge": {}}, {"city": "wrong", "challenge": "missing"}),
        ({"owner": {"name": "Iemand"}}, {"owner.email": "missing"}),
        ({"owner": {"name": "Iemand", "email": "nergens", "fax": "1"}},
         {"owner.email": "not_an_email", "owner.fax": "not_asked"}),
        ({"owner": "amira"}, {"owner": "wrong"}),
        ({"deputy": {"name": "Amira Bakker", "email": "amira.bakker@example.org"}}, {"deputy.email": "same_as_owner"}),
        ({"deputy": []}, {"deputy": "wrong"}),
        ({"confidential": "maybe"}, {"confidential": "not_a_choice"}),
        ({"needed_by": "31 februari"}, {"needed_by": "not_a_date"}),
        ({"links": ["ftp:geen"]}, {"links": "not_a_link"}),
        ({"submitter_email": "x@example.org", "colour": 1}, {"submitter_email": "not_asked", "colour": "not_asked"}),
        ({"title": "a\x00b", "use": "c\ud800d"}, {"title": "not_accepted", "use": "not_accepted"}),
    ],
)  # fmt: skip
async def test_each_fault_by_its_name(
    api_as: ApiAs, cast: Cast, body: Body, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    sent = json.dumps(body(**changes))
    assert faults(await (await api_as(cast.amira)).post("questions", content=sent, headers=JSON)) == expected


async def test_in_the_persons_language(api_as: ApiAs, cast: Cast, body: Body) -> None:
    english = (await (await api_as(cast.jonas)).post("questions", json=body(city="Almelo"))).json()
    dutch = (await (await api_as(cast.amira)).post("questions", json=body(city="Almelo"))).json()
    asked = (await (await api_as(cast.amira)).post("questions?lang=en", json=body(city="Almelo"))).json()
    assert english["title"] == asked["title"] != dutch["title"]
    assert english["faults"] == asked["faults"] != dutch["faults"]


@pytest.mark.parametrize(
    ("content", "field"), [(b"", "body"), (b"{", "body"), (b"[]", "body"), (b'"x"', "body"), (b"[" * 9000, "body"),
                           (b'{"title": \xff}', "body")],
)  # fmt: skip
async def test_what_is_no_object_at_all(api_as: ApiAs, cast: Cast, content: bytes, field: str) -> None:
    answer = await (await api_as(cast.amira)).post("questions", content=content, headers=JSON)
    assert list(faults(answer)) == [field]


async def test_faults_of_a_step(engine: AsyncEngine, api_as: ApiAs, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        question = await tell.screening(session)
    api, where = await api_as(cast.bram), f"questions/{question.ref}/steps"

    async def sent(step: Any, needs: Any) -> dict[str, str]:
        content = json.dumps({"step": step, "needs": needs})
        return faults(await api.post(where, content=content, headers=JSON))

    assert await sent("reject", None) == {"reason": "missing", "alternative": "missing"}
    assert await sent("reject", {"reason": "\x00", "alternative": "\udfff"}) == {
        "reason": "not_accepted", "alternative": "not_accepted",
    }  # fmt: skip
    assert await sent("put_forward", {"scores": {"relevance": 9}, "advice": "x", "colour": 1}) == {
        "scores.relevance": "not_a_choice", "scores.learning": "missing", "scores.openness": "missing",
        "scores.feasibility": "missing", "scores.use": "missing", "advice": "not_a_choice", "colour": "not_asked",
    }  # fmt: skip
    assert await sent("hold", {"until": "2020-01-01", "reason": "x"}) == {"until": "not_in_future"}
    assert await sent("redirect", {"target": "saxion", "reason": "x"}) == {"target": "unknown"}
    assert await sent(7, []) == {"step": "wrong", "needs": "wrong"}
    assert await sent("fly", {}) == {"step": "unknown"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("page=0&size=x", {"page": "too_small", "size": "not_a_number"}),
        ("size=1001", {"size": "too_large"}),
        ("state=flying&city=Almelo&institution=tud&text=%00",
         {"state": "not_a_choice", "city": "unknown", "institution": "unknown", "text": "not_accepted"}),
    ],
)  # fmt: skip
async def test_faults_in_a_query(api_as: ApiAs, cast: Cast, query: str, expected: dict[str, str]) -> None:
    assert faults(await (await api_as(cast.amira)).get(f"questions?{query}")) == expected


async def test_a_key_that_is_too_long(api_as: ApiAs, cast: Cast, body: Body) -> None:
    api = await api_as(cast.amira)
    assert faults(await api.post("questions", json=body(), headers={"Idempotency-Key": "x" * 256})) == {
        "Idempotency-Key": "too_long"
    }


ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**400, float("nan"), "", " ", "\x00", "a\ud800", "x" * 10_000, "🚲", [], [[]],
    [None], ["\x00"], {}, {"a": 1}, {"name": {}}, {"name": "\x00", "email": "\ud800@x"}, {"\udfff": "\x00"},
]  # fmt: skip


async def test_nothing_odd_becomes_a_500(api_as: ApiAs, cast: Cast, body: Body) -> None:
    api, whole = await api_as(cast.amira), body()
    for name in (*whole, "links", "known", "x\ud800", "\x00"):
        for value in ODD:
            answer = await api.post("questions", content=json.dumps(whole | {name: value}), headers=JSON)
            assert (name, value, answer.status_code) in [(name, value, 201), (name, value, 400)]

"""Texts by a program: what the pages can do, with the same refusals."""

from typing import Any

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.texts.standing import release_of
from notifications.letters import editable
from schemas.database import reading
from schemas.letter_texts import own_texts
from tests.cast import Cast
from tests.conftest import SignIn

AT = "/api/v1/texts"
NL = release_of("offer")["nl"]
LAST = NL.count("\n") + 1
OWN = NL.replace("Pakken jullie hem op?", "Doen jullie mee?")


def codes(answer: httpx2.Response) -> set[tuple[str, str]]:
    assert answer.status_code == 400, answer.text
    return {(one["field"], one["code"]) for one in answer.json()["faults"]}


async def test_from_a_check_to_a_version_and_back(engine: AsyncEngine, program_as: SignIn, cast: Cast) -> None:
    bram = await program_as(cast.bram)
    listed = (await bram.get(AT)).json()
    assert {one["name"] for one in listed["items"]} == editable()
    one = (await bram.get(f"{AT}/offer")).json()
    assert (one["version"], one["own"], one["draft"], one["texts"]) == (0, [], None, one["standard"])
    assert {"path": "title", "written": "{{ title }}"}.items() <= next(
        row for row in one["placeholders"] if row["path"] == "title"
    ).items()
    looked = (await bram.post(f"{AT}/offer/checks", json={"texts": {"nl": OWN}, "on": "example:broker"})).json()
    assert (looked["faults"], looked["remarks"]) == ([], [])
    assert "Doen jullie mee?" in looked["letters"]["nl"]["html"]
    kept = await bram.post(f"{AT}/offer/drafts", json={"texts": {"nl": "Half"}})
    assert (kept.status_code, kept.json()["draft"]["nl"], kept.json()["draft_base"]) == (201, "Half", 0)
    live = await bram.post(f"{AT}/offer/versions", json={"texts": {"nl": OWN}, "why": "Korter.", "base": 0})
    assert (live.status_code, live.json()["version"], live.json()["own"], live.json()["draft"]) == (
        201,
        1,
        ["nl"],
        None,
    )
    late = await bram.post(f"{AT}/offer/versions", json={"texts": {"nl": NL}, "why": "Terug.", "base": 0})
    assert (late.status_code, late.json()["type"], late.json()["version"]) == (409, "/api#text-moved-on", 1)
    back = await bram.post(f"{AT}/offer/versions", json={"restore": 0, "base": 1})
    assert (back.status_code, back.json()["version"], back.json()["own"]) == (201, 2, [])
    assert [(row["version"], row["why"], row["restored"], row["by"]) for row in back.json()["versions"]] == [
        (2, "", 0, cast.bram.name), (1, "Korter.", None, cast.bram.name),
    ]  # fmt: skip
    async with reading(engine) as session:
        assert await own_texts(session, ["offer"]) == {}


async def test_a_trial_and_a_draft_thrown_away(program_as: SignIn, cast: Cast) -> None:
    bram = await program_as(cast.bram)
    sent = await bram.post(f"{AT}/offer/trials", json={"language": "nl", "text": OWN, "on": "example:broker"})
    assert (sent.status_code, sent.json()["email"]) == (201, cast.bram.email)
    await bram.post(f"{AT}/offer/drafts", json={"texts": {"nl": "Half"}})
    assert (await bram.delete(f"{AT}/offer/drafts")).json()["draft"] is None


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("versions", {"texts": {"nl": "Te kort."}, "why": "x", "base": 0},
         {("nl.1", "text_no_reference"), ("nl.1", "text_greeting"), ("nl.0", "text_no_link"), ("nl.0", "text_no_part"),
          ("nl.0", "text_no_heading")}),
        ("versions", {"texts": {"nl": OWN.replace("{{ title }}", "{{ titel }}")}, "why": "x", "base": 0},
         {("nl.5", "text_placeholder")}),
        ("versions", {"texts": {"nl": OWN}, "base": 0}, {("why", "missing")}),
        ("versions", {"texts": {"nl": OWN}, "why": 5, "base": 0}, {("why", "wrong")}),
        ("versions", {"texts": {"nl": OWN}, "why": "x" * 501, "base": 0}, {("why", "too_long")}),
        ("versions", {"texts": {"nl": OWN}, "why": "x"}, {("base", "missing")}),
        ("versions", {"texts": {"nl": OWN}, "why": "x", "base": "0"}, {("base", "wrong")}),
        ("versions", {"texts": {"nl": NL}, "why": "x", "base": 0}, {("nl", "text_same")}),
        ("versions", {"texts": {"de": OWN, "nl": 5}, "why": "x", "base": 0}, {("de", "not_asked"), ("nl", "wrong")}),
        ("versions", {"texts": {"nl": "a\x00b"}, "why": "x", "base": 0}, {("nl", "not_accepted")}),
        ("versions", {"texts": [], "why": "x", "base": 0}, {("texts", "wrong")}),
        ("versions", {"restore": 7, "base": 0}, {("version", "unknown")}),
        ("versions", {"restore": "0", "base": 0}, {("restore", "wrong")}),
        ("versions", {"restore": 0, "base": 0}, {("version", "text_same")}),
        ("drafts", {"texts": {"nl": "x" * 50_000}}, {("nl", "too_long")}),
        ("trials", {"text": OWN}, {("language", "missing")}),
        ("trials", {"language": "de"}, {("language", "not_a_choice")}),
        ("trials", {"language": "nl", "text": OWN + "\n\n{{ x }}"}, {(f"nl.{LAST + 2}", "text_placeholder")}),
        ("checks", {"colour": 1}, {("colour", "not_asked")}),
    ],
)  # fmt: skip
async def test_refusals(
    program_as: SignIn, cast: Cast, path: str, body: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert codes(await (await program_as(cast.bram)).post(f"{AT}/offer/{path}", json=body)) == expected


async def test_dirk_and_all_who_are_no_coordinator_or_administrator(program_as: SignIn, cast: Cast) -> None:
    body = {"texts": {"nl": OWN}, "why": "x", "base": 0, "language": "nl"}
    for who in (cast.dirk, cast.amira, cast.eva, cast.femke):
        api = await program_as(who)
        answers = [await api.get(AT), await api.get(f"{AT}/offer"), await api.delete(f"{AT}/offer/drafts")]
        answers += [
            await api.post(f"{AT}/offer/{what}", json=body) for what in ("checks", "drafts", "versions", "trials")
        ]
        assert [one.status_code for one in answers] == [403] * 7
    assert (await (await program_as(cast.greta)).get(f"{AT}/offer")).status_code == 200

"""One question lives its whole life through the API, and the API tells it as it was."""

from typing import Any

import httpx2
import pytest
import time_machine

from schemas.words import word
from tests.cast import PLACES, Cast, needs_for
from tests.intake.api.conftest import ApiAs, Body

pytestmark = pytest.mark.usefixtures("clock")


def made(answer: httpx2.Response) -> Any:
    assert answer.status_code == 201, answer.text
    assert answer.headers["api-version"]
    return answer.json()


async def test_from_the_form_to_a_public_result(
    api_as: ApiAs, cast: Cast, body: Body, clock: time_machine.Traveller
) -> None:
    amira, bram, femke, chen = [await api_as(one) for one in (cast.amira, cast.bram, cast.femke, cast.chen)]
    asked = await amira.post("questions", json=body())
    ref = made(asked)["ref"]
    assert asked.headers["location"] == f"/api/v1/questions/{ref}"
    assert asked.json()["state"] == "screening"

    await decided(api_as, bram, cast, ref)
    best = (await bram.get(f"questions/{ref}/matches")).json()["items"][0]
    assert best["reachable"]
    assert best["edition"]
    assert best["hand_in_by"] >= "2026-11-24"
    offer = await bram.post(f"questions/{ref}/trajectories", json=needs_for("offer", cast))
    attempt = made(offer)
    assert attempt == {"ref": f"{ref}.1", "state": "offered"}
    assert offer.headers["location"] == f"/api/v1/trajectories/{ref}.1"

    for api, step in (
        (femke, "take_on"), (femke, "place"), (amira, "agree"), (chen, "agree"), (chen, "start"),
        (chen, "report_midterm"), (chen, "deliver"), (amira, "accept_result"), (amira, "clear"), (chen, "clear"),
    ):  # fmt: skip
        taken = {"step": step, "needs": needs_for(step, cast)}
        entry = made(await api.post(f"trajectories/{attempt['ref']}/steps", json=taken))
        assert (entry["step"], entry["ref"]) == (step, attempt["ref"])

    end = (await amira.get(f"trajectories/{attempt['ref']}")).json()
    assert (end["state"], end["published_on"]) == ("completed", "2026-11-24")
    assert end["lecturer"] == {"name": cast.chen.name, "email": cast.chen.email}
    assert end["result"]["students_wo"] == 4
    question = (await amira.get(f"questions/{ref}")).json()
    assert question["state"] == "answered"
    assert [one["ref"] for one in question["trajectories"]] == [attempt["ref"]]
    await told_in_full(bram, ref)


async def decided(api_as: ApiAs, bram: httpx2.AsyncClient, cast: Cast, ref: str) -> None:
    """Put forward, and accepted by the fourth of six votes."""
    forward = {"step": "put_forward", "needs": needs_for("put_forward", cast)}
    assert made(await bram.post(f"questions/{ref}/steps", json=forward))["to_state"] == "triage"
    states = [
        made(await (await api_as(member)).post(f"questions/{ref}/votes", json={"vote": "accept", "route": "thesis"}))[
            "state"
        ]
        for member in cast.committee[:4]
    ]
    assert states == ["triage", "triage", "triage", "matching"]


async def told_in_full(bram: httpx2.AsyncClient, ref: str) -> None:
    """Every step has its entry, and every letter is there once."""
    entries = (await bram.get(f"questions/{ref}/entries")).json()
    steps = [one["step"] for one in entries["items"]]
    assert steps[:3] == ["submit", "put_forward", "vote"]
    assert steps[-1] == "publish"
    assert entries["total"] == len(steps) == 21
    letters = (await bram.get(f"questions/{ref}/letters")).json()["items"]
    assert {"receipt", "please-decide", "accepted", "offer", "agreed", "delivered", "answered", "published"} <= {
        one["letter"] for one in letters
    }
    assert len({one["message_id"] for one in letters}) == len(letters)
    assert {one["state"] for one in letters} == {"owed", "kept"}, "news for those who work here daily is kept"


async def test_a_question_is_told_as_it_was_asked(api_as: ApiAs, cast: Cast, body: Body) -> None:
    jonas = await api_as(cast.jonas)
    sent = body(
        links=["https://stad.example.org/plan"], city="ENSCHEDE", confidential="unsure", known="Niets",
        challenge="accessibility and mobility", product="report", place="Binnenstad",
    )  # fmt: skip
    told = made(await jonas.post("questions", json=sent))
    plain = {"title", "situation", "wanted", "use", "department", "owner", "deputy", "needed_by", "time_available",
             "manager_agrees", "language", "links", "product", "place", "known", "confidential"}  # fmt: skip
    assert {name: told[name] for name in plain} == {name: sent[name] for name in plain}
    assert (told["city"], told["challenge"]) == ("enschede", "bereikbaarheid")
    assert told["submitter"]["email"] == cast.jonas.email
    assert (told["state"], told["owner_confirmed"]) == ("submitted", False)
    assert told["now"] == {
        "who": word("en", "states.submitted.who"), "what": told["now"]["what"], "by": "2026-12-01",
        "next": word("en", "states.submitted.next"),
    }  # fmt: skip


@pytest.mark.parametrize("owner", [None, {}, {"name": "A. Bakker", "email": "AMIRA.bakker@example.org"}])
async def test_without_another_owner_it_is_ones_own(api_as: ApiAs, cast: Cast, body: Body, owner: Any) -> None:
    told = made(await (await api_as(cast.amira)).post("questions", json=body(owner=owner)))
    assert told["owner"] == {"name": cast.amira.name, "email": cast.amira.email}
    assert told["state"] == "screening"


async def test_open_steps_say_what_they_need(api_as: ApiAs, cast: Cast, body: Body) -> None:
    bram, femke = await api_as(cast.bram), await api_as(cast.femke)
    ref = made(await (await api_as(cast.amira)).post("questions", json=body()))["ref"]
    made(await bram.post(f"questions/{ref}/steps", json={"step": "accept", "needs": {"route": "any"}}))
    steps = {one["name"]: one for one in (await bram.get(f"questions/{ref}")).json()["steps"]}
    offer = steps["offer"]["needs"]
    assert offer["required"] == ["institution"]
    assert offer["properties"]["institution"]["enum"] == ["artez", "saxion", "roc-twente", "ut"]
    assert steps["offer"]["letters"] == [
        {"letter": "offer", "role": "broker", "recipient": None, "name": None, "when": None, "also": []}
    ]
    given = {"step": "offer", "needs": needs_for("offer", cast)}
    attempt = made(await bram.post(f"questions/{ref}/steps", json=given))["ref"]
    made(await femke.post(f"trajectories/{attempt}/steps", json={"step": "take_on"}))
    place = {one["name"]: one for one in (await femke.get(f"trajectories/{attempt}?lang=en")).json()["steps"]}["place"]
    assert place["label"] == word("en", "steps.place.label")
    assert PLACES["ut"].term in place["needs"]["properties"]["term"]["enum"]
    assert PLACES["saxion"].offering not in place["needs"]["properties"]["offering"]["enum"]


async def test_the_catalogue_keeps_its_ids(api_as: ApiAs, cast: Cast) -> None:
    api = await api_as(cast.amira)
    houses = (await api.get("institutions")).json()["items"]
    assert {one["id"] for one in houses} == {"ut", "saxion", "roc-twente", "artez"}
    assert all(one["terms"] for one in houses)
    every = (await api.get("offerings")).json()
    found = (await api.get("offerings", params={"institution": "Universiteit Twente", "level": "wo", "text": "water",
                                                "starts_after": "2027-03-01"})).json()  # fmt: skip
    assert every["total"] == 175
    assert 0 < found["total"] < 40
    for one in found["items"]:
        assert (one["institution"], one["level"]) == ("ut", "wo")
        assert min(start["starts_on"] for start in one["starts"]) > "2027-03-01"

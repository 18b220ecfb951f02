"""Meetings through the API: found, read, run; refused to whoever is not of the committee's side."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs
from tests.sitting import ballots, sitting
from tests.story import Story

PLAN = {"day": "2099-01-12", "begins": "14:00", "ends": "15:30", "place": "Stadhuis"}


async def test_a_meeting_from_plan_to_decision(engine: AsyncEngine, tell: Story, cast: Cast, api_as: ApiAs) -> None:
    async with writing(engine) as session:
        question = await tell.triage(session)
        meeting = (await sitting(session, cast)).id
    bram, lars = await api_as(cast.bram), await api_as(cast.lars)
    planned = await bram.post("meetings", json=PLAN, headers={"Idempotency-Key": "p"})
    assert (planned.status_code, planned.headers["location"]) == (201, f"/api/v1/meetings/{meeting + 1}")
    assert (await bram.post("meetings", json=PLAN, headers={"Idempotency-Key": "p"})).json() == planned.json()
    listed = (await lars.get("meetings")).json()
    assert [one["id"] for one in listed["items"]] == [meeting + 1, meeting]
    here = {"present": [one.email for one in cast.committee[:4]]}
    assert (await bram.post(f"meetings/{meeting}/present", json=here)).json()["present"]
    assert [one["ref"] for one in (await lars.get(f"meetings/{meeting}")).json()["agenda"]] == [question.ref]
    [step] = [one for one in (await bram.get(f"questions/{question.ref}")).json()["steps"]
              if one["name"] == "decide_in_meeting"]  # fmt: skip
    assert str(meeting) in step["needs"]["properties"]["meeting"]["enum"]
    needs = {"meeting": str(meeting), "ballots": ballots("accept", *cast.committee[:4])}
    taken = await bram.post(f"questions/{question.ref}/steps", json={"step": "decide_in_meeting", "needs": needs})
    assert (taken.status_code, taken.json()["state"]) == (201, "matching")
    closed = (await bram.post(f"meetings/{meeting}/close", json={})).json()
    assert (closed["state"], [one["ref"] for one in closed["decided"]]) == ("closed", [question.ref])
    again = await bram.post(f"meetings/{meeting}/close", json={})
    assert [one["code"] for one in again.json()["faults"]] == ["meeting_over"]
    entries = (await (await api_as(cast.amira)).get(f"questions/{question.ref}/entries")).json()["items"]
    assert "decide_in_meeting" not in {one["step"] for one in entries}


@pytest.mark.parametrize("path", ["", "/move", "/cancel", "/present", "/close"])
async def test_who_runs_no_meeting_is_refused(engine: AsyncEngine, cast: Cast, api_as: ApiAs, path: str) -> None:
    async with writing(engine) as session:
        meeting = (await sitting(session, cast)).id
    where = f"meetings/{meeting}{path}" if path else "meetings"
    for person in (cast.dirk, cast.lars, cast.frank, cast.amira):
        answer = await (await api_as(person)).post(where, json=PLAN)
        assert (answer.status_code, answer.json()["type"]) == (403, "/api#not-yours"), person.name
    dirk = await api_as(cast.dirk)
    for address in ("meetings", f"meetings/{meeting}"):
        assert (await dirk.get(address)).status_code == 403

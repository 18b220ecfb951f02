"""Hints before asking, for programs: the same as beside the form."""

import httpx2
import pytest

from tests.cast import Cast
from tests.conftest import SignIn
from tests.matching.texts import BIKES

pytestmark = pytest.mark.anyio
BODY = {"title": BIKES.title, "situation": BIKES.situation, "needed_by": "2027-12-31"}


async def test_places_with_days_and_reasons(cast: Cast, program_as: SignIn, visitor: httpx2.AsyncClient) -> None:
    amira = await program_as(cast.amira)
    found = (await amira.post("/api/v1/hints?lang=en", json=BODY)).json()
    reachable = [one for one in found["places"] if one["reachable"]]
    assert reachable
    assert all(one["hand_in_by"] < one["starts_on"] < one["result_by"] <= "2027-12-31" for one in reachable)
    assert all(one["why"] and one["when"].startswith("Hand in by") for one in reachable)
    assert found["there"] + len(found["missing"]) == found["of"]
    assert (await visitor.post("/api/v1/hints", json=BODY)).status_code == 401
    assert (await amira.post("/api/v1/hints", json=BODY | {"title": "x\x00"})).status_code == 400
    assert (await amira.post("/api/v1/hints", json=BODY | {"needed_by": "soon"})).status_code == 400
    assert (await amira.post("/api/v1/hints", json={})).json()["places"] == []

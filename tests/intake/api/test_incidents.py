"""Incidents for programs: seen by those who can have them mended, tried again or put off, and refused to others."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from schemas.database import reading, writing
from schemas.incidents import Incident, Postponement
from schemas.moment import now
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs


async def three(engine: AsyncEngine) -> list[int]:
    later = now() + timedelta(hours=1)
    async with writing(engine) as session:
        rows = [Incident(kind="question", subject_id=n, ref=f"ES-2026-000{n}-X", cause="KeyError in owe, line 3",
                         attempts=n, retry_at=later) for n in (1, 2, 3)]  # fmt: skip
        session.add_all(rows)
        await session.flush()
        return [one.id for one in rows]


async def waiting(engine: AsyncEngine) -> list[bool]:
    """Of each incident, oldest first, whether it still waits for its next try."""
    async with reading(engine) as session:
        rows = await session.exec(select(Incident).order_by(col(Incident.id)))
        return [one.retry_at > now() + timedelta(minutes=1) for one in rows]


async def test_some_are_tried_again_others_put_off_and_then_all(engine: AsyncEngine, api_as: ApiAs, cast: Cast) -> None:
    first, second, third = await three(engine)
    bram = await api_as(cast.bram)
    listed = (await bram.get("incidents")).json()
    assert [(one["id"], one["attempts"]) for one in listed["items"]] == [(first, 1), (second, 2), (third, 3)]
    again = await bram.post("incidents/actions", json={"action": "again", "incidents": [first]})
    assert (again.status_code, again.json()) == (201, {"count": 1})
    assert await waiting(engine) == [False, True, True]
    later = {"action": "later", "incidents": [second], "days": 3, "reason": "De leverancier komt maandag."}
    assert (await bram.post("incidents/actions", json=later)).json() == {"count": 1}
    async with reading(engine) as session:
        kept = (await session.exec(select(Postponement))).one()
    assert (kept.subject_id, kept.reason, kept.by_id) == (2, "De leverancier komt maandag.", cast.bram.id)
    assert (await bram.post("incidents/actions", json={"action": "again"})).json() == {"count": 3}
    assert await waiting(engine) == [False, False, False]


async def test_a_faulty_wish_changes_nothing(engine: AsyncEngine, api_as: ApiAs, cast: Cast) -> None:
    ids = await three(engine)
    bram = await api_as(cast.bram)
    wrong = {
        "action": [{}, {"action": "skip"}, {"action": 3}],
        "incidents": [{"action": "again", "incidents": []}, {"action": "again", "incidents": ["1"]},
                      {"action": "again", "incidents": [True]}, {"action": "later", "days": 1, "reason": "x"}],
        "days": [{"action": "later", "incidents": ids, "days": 0, "reason": "x"},
                 {"action": "later", "incidents": ids, "days": 31, "reason": "x"}],
        "reason": [{"action": "later", "incidents": ids, "days": 1}],
        "more": [{"action": "again", "more": 1}],
    }  # fmt: skip
    for field, bodies in wrong.items():
        for body in bodies:
            answer = await bram.post("incidents/actions", json=body)
            assert answer.status_code == 400, body
            assert field in {one["field"] for one in answer.json()["faults"]}, (body, answer.json())
    assert await waiting(engine) == [True, True, True]


async def test_it_is_for_those_who_can_have_it_mended(engine: AsyncEngine, api_as: ApiAs, cast: Cast) -> None:
    await three(engine)
    for person in (cast.dirk, cast.femke, cast.hanna, cast.eva):
        api = await api_as(person)
        assert (await api.get("incidents")).status_code == 403, person.name
        assert (await api.post("incidents/actions", json={"action": "again"})).status_code == 403, person.name
    assert await waiting(engine) == [True, True, True]

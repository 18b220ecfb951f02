"""What came in, by the API: everything that the pages do, for the same people."""

import pytest

from schemas.subjects import Question
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.received.conftest import Arrive
from tests.intake.received.test_pages import LOOSE

pytestmark = pytest.mark.anyio


async def test_answers_on_a_question_are_read_by_those_who_work_on_it(
    arrive: Arrive, question: Question, cast: Cast, program_as: SignIn
) -> None:
    row = await arrive("outlook-reply-nl")
    for name, count in (("bram", 1), ("eva", 1), ("amira", 0)):
        program = await program_as(cast.all[name])
        found = (await program.get(f"/api/v1/questions/{question.ref}/replies")).json()
        assert found["total"] == count, name
    (one,) = (await (await program_as(cast.bram)).get(f"/api/v1/questions/{question.ref}/replies")).json()["items"]
    assert (one["id"], one["writer"], one["kind"], one["state"]) == (row.id, cast.amira.name, "reply", "new")
    assert one["files"] == [{"name": "plattegrond.pdf", "size": 16}]
    assert (one["question"], one["letter"], one["settled_by"]) == (question.ref, row.letter_id, None)
    dirk = await program_as(cast.dirk)
    for address in (f"questions/{question.ref}/replies", "received", f"received/{row.id}", "received/999"):
        assert (await dirk.get(f"/api/v1/{address}")).status_code == 403, address


async def test_a_message_is_attached_read_put_aside_and_removed(
    arrive: Arrive, question: Question, cast: Cast, program_as: SignIn
) -> None:
    row = await arrive(LOOSE)
    bram = await program_as(cast.bram)
    where = f"/api/v1/received/{row.id}"
    assert (await bram.get("/api/v1/received?which=loose")).json()["total"] == 1
    late = await bram.post(f"{where}/actions", json={"action": "read"})
    assert (late.status_code, late.json()["type"]) == (409, "/api#message-moved-on")
    for body in ({}, {"action": "obey"}, {"action": "attach"}, {"action": "attach", "needs": []}, {"action": 3},
                 {"action": "attach", "needs": {"question": "ES-0"}}, {"action": "aside", "x": 1}):  # fmt: skip
        assert (await bram.post(f"{where}/actions", json=body)).status_code == 400, body
    given = {"action": "attach", "needs": {"question": question.ref}}
    done = await bram.post(f"{where}/actions", json=given, headers={"Idempotency-Key": "a"})
    again = await bram.post(f"{where}/actions", json=given, headers={"Idempotency-Key": "a"})
    assert (done.status_code, done.json()) == (201, again.json())
    assert (done.json()["question"], done.json()["state"], done.json()["settled_by"]) == (
        question.ref,
        "read",
        cast.bram.name,
    )
    aside = await bram.post(f"{where}/actions", json={"action": "aside"})
    assert aside.json()["state"] == "aside"
    gone = await bram.delete(where)
    assert (gone.json()["text"], gone.json()["removed_by"]) == ("", cast.bram.name)
    assert (await bram.delete(where)).json() == gone.json(), "twice is once"
    assert (await bram.delete("/api/v1/received/999")).status_code == 404


async def test_who_does_not_see_to_the_mail_does_nothing(arrive: Arrive, cast: Cast, program_as: SignIn) -> None:
    row = await arrive("gmail-reply-nl")
    for name in ("eva", "amira", "femke", "dirk"):
        program = await program_as(cast.all[name])
        refused = await program.post(f"/api/v1/received/{row.id}/actions", json={"action": "read"})
        assert refused.status_code == 403, name
        assert (await program.delete(f"/api/v1/received/{row.id}")).status_code == 403, name
        assert (await program.get("/api/v1/received")).status_code == 403, name

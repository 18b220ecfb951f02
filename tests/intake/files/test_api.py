"""Notes and files through the API: what the pages do, with the same limits and the same refusals."""

from io import BytesIO

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select

from schemas.attachments import Attachment, attach, content_of
from schemas.database import reading, writing
from schemas.settings import settings
from tests.cast import Cast
from tests.intake.api.conftest import ApiAs
from tests.intake.files.conftest import Two
from tests.intake.files.making import office, pdf

pytestmark = pytest.mark.anyio
DOCX = office("docx")
BINARY = {"Content-Type": "application/octet-stream"}


async def test_a_note_is_written_corrected_and_removed(cast: Cast, two: Two, api_as: ApiAs) -> None:
    bram, amira, dirk = await api_as(cast.bram), await api_as(cast.amira), await api_as(cast.dirk)
    body = {"text": "Kijk eens, @Eva.", "audience": "everyone", "mentions": [cast.amira.email]}
    for _ in range(2):
        made = await bram.post(f"questions/{two.question.ref}/notes", json=body, headers={"Idempotency-Key": "n"})
        assert made.status_code == 201, made.text
    note = made.json()
    assert (note["author"], note["ref"], note["audience"]) == (cast.bram.name, two.question.ref, "everyone")
    assert {one["email"] for one in note["mentions"]} == {cast.amira.email, cast.eva.email}
    assert (await amira.get(f"questions/{two.question.ref}/notes")).json()["total"] == 1
    corrected = await bram.post(f"notes/{note['id']}/corrections", json={"text": "Kijk nog eens."})
    assert (corrected.status_code, corrected.json()["text"]) == (201, "Kijk nog eens.")
    assert (await amira.post(f"notes/{note['id']}/corrections", json={"text": "x"})).status_code == 403
    for status, api in ((403, amira), (403, dirk), (200, bram)):
        assert (await api.delete(f"notes/{note['id']}")).status_code == status
    left = (await amira.get(f"questions/{two.question.ref}/notes")).json()["items"][0]
    assert (left["text"], left["removed_by"]) == ("", cast.bram.name)


async def test_what_is_wrong_with_a_note_is_told(cast: Cast, two: Two, api_as: ApiAs) -> None:
    bram, where = await api_as(cast.bram), f"questions/{two.question.ref}/notes"
    for body, codes in (
        ({}, {"missing"}), ({"text": "x"}, {"not_a_choice"}),
        ({"text": "x" * 2001, "audience": "workers"}, {"too_long"}),
        ({"text": "x", "audience": "workers", "mentions": [cast.amira.email]}, {"cannot_read_note"}),
        ({"text": "x", "audience": "everyone", "mentions": ["nobody@example.org"]}, {"unknown"}),
        ({"text": "x", "audience": "everyone", "extra": 1}, {"not_asked"}), ({"text": ["x"]}, {"wrong"}),
        ({"text": "a\x00b", "audience": "workers"}, {"not_accepted"}),
    ):  # fmt: skip
        answer = await bram.post(where, json=body)
        assert (answer.status_code, {one["code"] for one in answer.json()["faults"]}) == (400, codes), body


async def test_a_file_is_added_listed_fetched_and_removed(
    engine: AsyncEngine, cast: Cast, two: Two, api_as: ApiAs
) -> None:
    chen, femke, ivo, dirk = [await api_as(one) for one in (cast.chen, cast.femke, cast.ivo, cast.dirk)]
    where = f"trajectories/{two.ut.ref}/files"
    for _ in range(2):
        head = BINARY | {"Idempotency-Key": "f"}
        made = await chen.post(f"{where}?name=../Eind%20é.docx&result=true", content=DOCX, headers=head)
        assert made.status_code == 201, made.text
    file = made.json()
    assert (file["name"], file["result"], file["size"]) == ("Eind é.docx", True, len(DOCX))
    other = await chen.post(f"{where}?name=b.pdf", content=pdf(), headers=BINARY | {"Idempotency-Key": "f"})
    assert (other.status_code, other.json()["type"]) == (409, "/api#key-reused")
    assert [one["id"] for one in (await femke.get(where)).json()["items"]] == [file["id"]]
    got = await femke.get(f"files/{file['id']}")
    assert got.content == DOCX
    assert "sandbox" in got.headers["content-security-policy"]
    for api in (ivo, dirk):
        assert (await api.get(f"files/{file['id']}")).status_code == 403
        assert (await api.get(where)).status_code == 403
        assert (await api.post(f"{where}?name=x.pdf", content=pdf(), headers=BINARY)).status_code == 403
        assert (await api.delete(f"files/{file['id']}")).status_code == 403
    assert (await femke.post(f"{where}?name=x.pdf&result=true", content=pdf(), headers=BINARY)).status_code == 400
    assert (await chen.delete(f"files/{file['id']}")).json()["removed_by"] == cast.chen.name
    assert (await femke.get(f"files/{file['id']}")).status_code == 404
    async with reading(engine) as session:
        assert (await session.exec(select(func.count()).select_from(Attachment))).one() == 1


async def test_a_file_on_a_note(cast: Cast, two: Two, api_as: ApiAs) -> None:
    bram, eva, amira = [await api_as(one) for one in (cast.bram, cast.eva, cast.amira)]
    body = {"text": "Intern.", "audience": "workers"}
    note = (await bram.post(f"questions/{two.question.ref}/notes", json=body)).json()["id"]
    made = await bram.post(f"notes/{note}/files?name=a.pdf", content=pdf(), headers=BINARY)
    assert (made.status_code, made.json()["note"]) == (201, note)
    assert (await eva.post(f"notes/{note}/files?name=b.pdf", content=pdf(), headers=BINARY)).status_code == 403
    assert (await eva.get(f"files/{made.json()['id']}")).status_code == 200
    assert (await amira.get(f"files/{made.json()['id']}")).status_code == 403


async def test_a_body_is_cut_off_when_it_is_too_large(
    cast: Cast, two: Two, api_as: ApiAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "file_megabytes", 1)
    amira, seen = await api_as(cast.amira), 0

    async def endless() -> object:
        nonlocal seen
        for _ in range(200):
            seen += 1
            yield b"x" * 100_000

    where = f"questions/{two.question.ref}/files"
    answer = await amira.post(f"{where}?name=x.pdf", content=endless(), headers=BINARY)
    assert (answer.status_code, answer.json()["faults"][0]["code"]) == (400, "file_too_large")
    assert seen < 20
    empty = await amira.post(f"{where}?name=x.pdf", content=b"", headers=BINARY)
    assert empty.json()["faults"][0]["code"] == "file_empty"


async def test_a_file_that_lies_there_already_can_be_delivered_too(cast: Cast, two: Two, api_as: ApiAs) -> None:
    chen, where = await api_as(cast.chen), f"trajectories/{two.ut.ref}/files"
    made = [await chen.post(f"{where}?name=r.docx{one}", content=DOCX, headers=BINARY) for one in ("", "&result=true")]
    assert [one.json()["result"] for one in made] == [False, True]


async def test_a_file_that_is_kept_at_a_second_try_is_whole(engine: AsyncEngine, two: Two) -> None:
    content = BytesIO(DOCX)
    content.read()  # as the first try left it, when the database called it off
    row = Attachment(question_id=two.question.id, name="r.docx", type="x", size=len(DOCX), sha256="0")
    async with writing(engine) as session:
        await attach(session, row, content)
    assert b"".join([piece async for piece in content_of(engine, row)]) == DOCX

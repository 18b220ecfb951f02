"""Files on the pages: added, seen by whom they are for, handed out to be saved, removed with a trace."""

import re

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select

from schemas.attachments import CHUNK, Chunk, attached
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.links import draft_token, letter_token, status_token
from schemas.settings import settings
from tests.cast import Cast, needs_for
from tests.conftest import SignIn
from tests.intake.files.conftest import Two
from tests.intake.files.making import BAD, office, pdf
from tests.intake.pages.reading import Page
from tests.story import Story

pytestmark = pytest.mark.anyio
Sent = list[tuple[str, tuple[str, bytes, str]]]


def sending(**files: bytes) -> Sent:
    """What a browser sends; the type it claims is not believed."""
    return [("files", (name.replace("__", "."), content, "text/html")) for name, content in files.items()]


def links(page: str, start: str = "/files/") -> list[str]:
    return sorted({one for one in Page(page).links if re.fullmatch(rf"{re.escape(start)}\d+", one)})


async def test_a_file_is_added_read_back_and_removed(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn
) -> None:
    amira, content = await browser_as(cast.amira), pdf("Fietsen " * 90_000)
    assert len(content) > CHUNK
    before = await amira.get(f"{two.page}/files")
    assert Page(before.text).wrong() == []
    assert f"{settings().file_megabytes} MB" in before.text
    added = await amira.post(f"{two.page}/files", files=sending(**{"../Plan voor é__pdf": content}))
    assert (added.status_code, added.headers["location"]) == (303, f"{two.page}/files?done=added")
    again = await amira.post(f"{two.page}/files", files=sending(**{"../Plan voor é__pdf": content}))
    assert again.status_code == 303
    (address,) = links((await amira.get(two.page)).text)
    got = await amira.get(address)
    assert got.content == content
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith('attachment; filename="Plan voor e.pdf"')
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"
    assert int(got.headers["content-length"]) == len(content)
    assert (await amira.get(f"{address}/remove")).status_code == 200
    assert (await amira.post(f"{address}/remove")).status_code == 303
    assert (await amira.get(address)).status_code == 403
    after = (await amira.get(two.page)).text
    assert "Plan voor é.pdf" in after
    assert links(after) == []
    assert "Verwijderd door Amira" in after
    async with reading(engine) as session:
        assert (await session.exec(select(func.count()).select_from(Chunk))).one() == 0


async def test_what_is_wrong_is_said_and_what_is_right_is_kept(cast: Cast, two: Two, browser_as: SignIn) -> None:
    amira = await browser_as(cast.amira)
    macro = BAD["macro.docx", "file_macros"]
    answer = await amira.post(f"{two.page}/files", files=sending(goed__pdf=pdf(), macro__docx=macro, naam__docx=pdf()))
    page = Page(answer.text)
    assert answer.status_code == 400
    assert page.wrong() == []
    assert {"files-error", "error-summary"} <= set(page.ids)
    assert "macro.docx: Er zitten macro&#39;s" in answer.text
    assert "eindigen op .pdf" in answer.text
    assert len(links(answer.text)) == 1
    assert (await amira.post(f"{two.page}/files", files=sending())).status_code == 400


async def test_a_file_that_is_too_large_is_not_kept_and_a_body_that_is_too_large_is_cut_off(
    cast: Cast, two: Two, browser_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = await browser_as(cast.amira)
    monkeypatch.setattr(settings(), "file_megabytes", 1)
    large = pdf("x" * 1_100_000)
    answer = await amira.post(f"{two.page}/files", files=sending(groot__pdf=large, klein__pdf=pdf()))
    assert answer.status_code == 400
    assert "groot.pdf: Dit bestand is te groot" in answer.text
    assert len(links(answer.text)) == 1
    seen = 0

    async def endless() -> object:
        nonlocal seen
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="x.pdf"\r\n\r\n'
        for _ in range(2000):
            seen += 1
            yield b"x" * 100_000

    head = {"content-type": "multipart/form-data; boundary=b"}
    cut = await amira.post(f"{two.page}/files", content=endless(), headers=head)
    assert cut.status_code == 413
    assert seen < 800
    elsewhere = await amira.post(f"{two.page}/steps/withdraw", files=sending(groot__pdf=large))
    assert elsewhere.status_code == 413


async def test_there_is_a_number_that_is_enough(
    cast: Cast, two: Two, browser_as: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    amira = await browser_as(cast.amira)
    monkeypatch.setattr(settings(), "files_per_question", 2)
    files = {f"{n}__pdf": pdf(str(n)) for n in range(3)}
    answer = await amira.post(f"{two.page}/files", files=sending(**files))
    assert (answer.status_code, len(links(answer.text))) == (400, 2)
    assert "2.pdf: Er is plaats voor 2 bestanden" in answer.text


async def test_who_sees_which_file(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    amira, chen = await browser_as(cast.amira), await browser_as(cast.chen)
    await amira.post(f"{two.page}/files", files=sending(vraag__pdf=pdf("vraag")))
    (of_question,) = links((await amira.get(two.page)).text)
    assert (await chen.post(f"{two.at_ut}/files", files=sending(ut__docx=office("docx")))).status_code == 303
    (of_ut,) = set(links((await chen.get(f"{two.at_ut}/files")).text)) - {of_question}
    expected = {"amira": (200, 200), "bram": (200, 200), "femke": (200, 200), "chen": (200, 200), "ivo": (200, 403),
                "dirk": (403, 403), "frank": (200, 200), "marloes": (403, 403), "sanne": (403, 403)}  # fmt: skip
    for name, statuses in expected.items():
        browser = await browser_as(cast.all[name])
        found = tuple([(await browser.get(one)).status_code for one in (of_question, of_ut)])
        assert (name, found) == (name, statuses)
    dirk, ivo, frank = [await browser_as(one) for one in (cast.dirk, cast.ivo, cast.frank)]
    for browser, where in ((dirk, two.page), (ivo, two.page), (ivo, two.at_ut), (frank, two.page)):
        assert (await browser.post(f"{where}/files", files=sending(x__pdf=pdf()))).status_code == 403
    for browser in (dirk, ivo, chen):
        assert (await browser.post(f"{of_question}/remove")).status_code == 403
    assert (await visitor.get(of_question)).headers["location"].startswith("/sign-in")
    # Whoever holds the link with which one follows a question sees no files.
    outsider = await visitor.get(f"/s/{status_token(two.question.id, cast.amira.id)}")
    assert outsider.status_code == 200
    assert "vraag.pdf" not in outsider.text


async def test_a_mailed_link_shows_and_serves_them_while_it_is_valid(
    engine: AsyncEngine, cast: Cast, tell: Story, browser_as: SignIn, visitor: httpx2.AsyncClient, clock: object
) -> None:
    async with writing(engine) as session:
        question = await tell.matching(session)
    amira = await browser_as(cast.amira)
    await amira.post(f"/questions/{question.ref}/files", files=sending(vraag__pdf=pdf()))
    async with writing(engine) as session:
        await tell.offered(session, await session.merge(question), "ut")
        letter = (await session.exec(select(Letter).where(Letter.name == "offer"))).first()
        assert letter
        assert letter.facts["files"] == 1
    base = f"/l/{letter_token(letter.id)}"
    (address,) = links((await visitor.get(base)).text, f"{base}/files/")
    assert (await visitor.get(address)).content == pdf()
    assert (await visitor.get(f"{base}/files/99")).status_code == 403
    clock.shift(43 * 86400)  # type: ignore[attr-defined]
    assert (await visitor.get(address)).headers["location"] == base


async def test_what_a_lecturer_delivers_is_public_only_when_cleared_in_full(
    engine: AsyncEngine, cast: Cast, tell: Story, two: Two, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    chen = await browser_as(cast.chen)
    given = {name: "" if value is None else value for name, value in needs_for("deliver", cast).items()}
    faulty = await chen.post(
        f"{two.at_ut}/steps/deliver", data=given | {"summary": ""}, files=sending(kaart__pdf=pdf())
    )
    assert faulty.status_code == 400
    assert Page(faulty.text).wrong() == []
    assert "kaart.pdf" in faulty.text  # kept, though the summary was missing
    await chen.post(f"{two.at_ut}/files", files=sending(intern__pdf=pdf("intern")))
    done = await chen.post(f"{two.at_ut}/steps/deliver", data=given, files=sending(bijlage__docx=office("docx")))
    assert done.status_code == 303
    async with writing(engine) as session:
        attempt = await session.get_one(type(two.ut), two.ut.id)
        await tell.take(session, attempt, "accept_result", cast.amira)
        for person in (cast.amira, cast.chen):
            await tell.take(session, attempt, "clear", person)
    result = f"/results/{two.ut.ref}"
    shown = links((await visitor.get(result)).text, f"{result}/files/")
    assert len(shown) == 2
    assert "intern.pdf" not in (await visitor.get(result)).text
    assert (await visitor.get(shown[0])).content == pdf()
    async with writing(engine) as session:
        attempt = await session.get_one(type(two.ut), two.ut.id)
        attempt.clearances = attempt.clearances | {"owner": {"clearance": "summary_only"}}
    assert links((await visitor.get(result)).text, f"{result}/files/") == []
    assert (await visitor.get(shown[0])).status_code == 404


async def test_a_draft_keeps_its_files_until_it_is_discarded(
    engine: AsyncEngine, cast: Cast, tell: Story, visitor: httpx2.AsyncClient
) -> None:
    async with writing(engine) as session:
        draft, other = await tell.draft(session), await tell.draft(session)
    base = f"/ask/{draft_token(draft.id)}"
    sent = await visitor.post(
        f"{base}/4", data={"known": "Er is geteld."}, files=sending(geteld__pdf=pdf(), fout__pdf=b"")
    )
    assert sent.status_code == 400
    assert "Er is geteld." in sent.text
    assert (await visitor.post(f"{base}/4", data={"known": "Er is geteld."})).headers["location"] == f"{base}/check"
    assert "geteld.pdf" in (await visitor.get(f"{base}/check")).text
    async with reading(engine) as session:
        (kept,) = await attached(session, draft.id)
    assert (await visitor.get(f"{base}/files/{kept.id}")).content == pdf()
    assert (await visitor.get(f"/ask/{draft_token(other.id)}/files/{kept.id}")).status_code == 404
    await visitor.post(f"{base}/4", data={"remove": str(kept.id)}, files=sending(nieuw__pdf=pdf("nieuw")))
    async with reading(engine) as session:
        (kept,) = await attached(session, draft.id, removed=True)
        assert kept.name == "nieuw.pdf"
    async with writing(engine) as session:
        await tell.take(session, await session.get_one(type(draft), draft.id), "discard", cast.amira)
    assert (await visitor.get(f"{base}/files/{kept.id}")).status_code == 404
    async with reading(engine) as session:
        assert (await session.exec(select(func.count()).select_from(Chunk))).one() == 0


async def test_a_form_with_room_for_files_has_none_for_endless_text(two: Two, cast: Cast, browser_as: SignIn) -> None:
    amira, text = await browser_as(cast.amira), {str(n): "x" * 600_000 for n in range(2)}
    assert (await amira.post(f"{two.page}/files", data=text, files=sending(a__pdf=pdf()))).status_code == 400
    assert links((await amira.get(two.page)).text) == []

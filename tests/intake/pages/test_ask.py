"""Asking: every fault named, nothing typed is lost, twice is once, and the draft comes back by its link."""

import html
import re

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.database import reading
from schemas.form import PAGES
from schemas.ledger import Letter
from schemas.links import draft_token
from schemas.subjects import Question
from tests.cast import Cast, form
from tests.intake.pages.reading import Page

pytestmark = pytest.mark.anyio


async def begin(visitor: httpx2.AsyncClient) -> str:
    answer = await visitor.post("/ask")
    assert answer.status_code == 303
    return answer.headers["location"].rsplit("/", 1)[0]


async def filled(visitor: httpx2.AsyncClient, cast: Cast) -> str:
    """The address of a draft with every page filled in."""
    base, answers = await begin(visitor), form(cast.amira, cast.hanna)
    for number, page in enumerate(PAGES, start=1):
        answer = await visitor.post(f"{base}/{number}", data={name: answers.get(name, "") for name in page})
        assert answer.headers["location"] == (f"{base}/{number + 1}" if number < len(PAGES) else f"{base}/check")
    return base


async def test_from_the_first_page_to_the_confirmation(visitor: httpx2.AsyncClient, cast: Cast) -> None:
    base = await filled(visitor, cast)
    check = await visitor.get(f"{base}/check")
    assert "Mobiliteit" in check.text
    assert "Bereikbaarheid" in check.text
    done = await visitor.post(f"{base}/check")
    assert done.status_code == 303
    confirmation = await visitor.get(done.headers["location"])
    assert re.search(r"ES-2026-\d{4}-\w", confirmation.text)
    for name in ("Amira Bakker", "Bram de Boer"):
        assert name in confirmation.text


async def test_submitting_twice_is_submitting_once(
    visitor: httpx2.AsyncClient, cast: Cast, engine: AsyncEngine
) -> None:
    base = await filled(visitor, cast)
    first, second = await visitor.post(f"{base}/check"), await visitor.post(f"{base}/check")
    assert first.headers["location"] == second.headers["location"]
    async with reading(engine) as session:
        assert (
            await session.exec(select(func.count(col(Question.id))).where(col(Question.ref).is_not(None)))
        ).one() == 1
        receipts = select(func.count(col(Letter.id))).where(Letter.name == "new-question")
        assert (await session.exec(receipts)).one() == 1
    assert (await visitor.get(f"{base}/2")).headers["location"] == first.headers["location"]


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_each_fault_is_named_at_its_field_and_on_top(
    visitor: httpx2.AsyncClient, number: int, language: str
) -> None:
    base = await begin(visitor)
    answer = await visitor.post(f"{base}/{number}?lang={language}", data={})
    assert answer.status_code == 400
    page = Page(answer.text)
    assert page.wrong() == []
    said = (
        ("Vul dit in.", "Kies een van de antwoorden.")
        if language == "nl"
        else ("Fill this in.", "Choose one of the answers.")
    )
    faulty = [one for one in page.ids if one.endswith("-error")]
    assert len(faulty) >= 4
    for one in faulty:
        assert f"#{one.removesuffix('-error')}" in page.links
    assert sum(answer.text.count(one) for one in said) == 2 * len(faulty)


async def test_what_was_typed_is_kept_right_or_wrong(visitor: httpx2.AsyncClient) -> None:
    base, odd = await begin(visitor), '<b>"Wie & wat"</b>'
    await visitor.post(f"{base}/1", data={"title": odd, "situation": "", "wanted": "x" * 2500, "use": ""})
    page = await visitor.get(f"{base}/1")
    assert html.escape(odd, quote=False) in html.unescape(page.text).replace(
        "<b>", "&lt;b&gt;"
    ) or odd in html.unescape(page.text)
    assert "<b>" not in page.text
    assert "x" * 2500 in page.text


async def test_somebody_else_as_owner_must_be_named(visitor: httpx2.AsyncClient, cast: Cast) -> None:
    base, answers = await begin(visitor), form(cast.amira, cast.hanna, owner_is_me="no")
    sent = {name: answers.get(name, "") for name in PAGES[1]}
    page = Page((await visitor.post(f"{base}/2", data=sent)).text)
    assert {"owner_name-error", "owner_email-error"} <= set(page.ids)
    sent |= {"owner_name": cast.marloes.name, "owner_email": cast.marloes.email}
    assert (await visitor.post(f"{base}/2", data=sent)).headers["location"] == f"{base}/3"


async def test_later_keeps_the_answers_and_mails_the_link(
    visitor: httpx2.AsyncClient, cast: Cast, engine: AsyncEngine
) -> None:
    base = await begin(visitor)
    answer = await visitor.post(
        f"{base}/2", data={"submitter_name": "Amira", "submitter_email": cast.amira.email, "later": "1"}
    )
    assert answer.headers["location"] == f"{base}/saved"
    assert cast.amira.email in (await visitor.get(f"{base}/saved")).text
    assert (await visitor.post(f"{base}/resume")).headers["location"] == f"{base}/saved?mailed=1"
    async with reading(engine) as session:
        letter = (await session.exec(select(Letter).where(Letter.name == "resume-draft"))).one()
    assert letter.email == cast.amira.email
    assert base == f"/ask/{draft_token(letter.facts['draft_id'])}"


async def test_changing_an_answer_leads_back_to_the_check(visitor: httpx2.AsyncClient, cast: Cast) -> None:
    base = await filled(visitor, cast)
    assert f"{base}/1?back=1" in Page((await visitor.get(f"{base}/check")).text).links
    answers = form(cast.amira, cast.hanna, title="Een andere titel")
    sent = {name: answers.get(name, "") for name in PAGES[0]}
    assert (await visitor.post(f"{base}/1?back=1", data=sent)).headers["location"] == f"{base}/check"
    assert "Een andere titel" in (await visitor.get(f"{base}/check")).text


async def test_checking_too_early_leads_to_what_is_missing(visitor: httpx2.AsyncClient) -> None:
    base = await begin(visitor)
    assert (await visitor.get(f"{base}/check")).headers["location"] == f"{base}/1?again=1"


async def test_a_link_that_is_not_ours_says_so(visitor: httpx2.AsyncClient) -> None:
    answer = await visitor.get("/ask/WzFd.niet-van-ons/1")
    assert answer.status_code == 404
    assert Page(answer.text).wrong() == []

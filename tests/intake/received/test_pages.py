"""Answers by mail on the pages: who reads them, what a coordinator does about them, and that they stay words."""

import pytest

from schemas.ledger import Letter
from schemas.received import Fate
from schemas.subjects import Question
from tests.cast import Cast
from tests.conftest import SignIn
from tests.flows.postbag import Postbag
from tests.intake.pages.reading import Page
from tests.intake.received.conftest import Arrive

pytestmark = pytest.mark.anyio
LOOSE = b"From: Iemand <iemand@elders.example.org>\nSubject: Een vraagje\nMessage-ID: <los@elders>\n\nHallo daar."


async def test_an_answer_stands_in_the_story_until_somebody_has_read_it(
    arrive: Arrive, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    row = await arrive("outlook-reply-nl")
    bram = await browser_as(cast.bram)
    told = (await bram.get(f"/questions/{question.ref}?lang=nl")).text
    for words in ("Amira Bakker antwoordde per mail", "na café De Brug", "plattegrond.pdf (1 kB)", "nog niet gelezen"):
        assert words in told
    assert "Verzonden:" not in told, "earlier mail is on the page of the message"
    assert f'href="/received/{row.id}"' in told
    desk = (await bram.get("/desk?view=new&lang=nl")).text
    assert "1 antwoord per mail is nog niet gelezen" in desk
    assert "Per mail beantwoord, nog niet gelezen" in desk
    one = (await bram.get(f"/received/{row.id}")).text
    assert "Verzonden:" in one
    assert (await bram.post(f"/received/{row.id}/read")).headers["location"] == f"/received/{row.id}?done=read"
    assert (await bram.post(f"/received/{row.id}/read")).headers["location"] == f"/received/{row.id}?late=1"
    after = (await bram.get("/desk?view=new&lang=nl")).text
    assert "nog niet gelezen" not in after
    assert cast.bram.name in (await bram.get(f"/received/{row.id}?done=read")).text
    for page in (told, desk, one, after):
        assert Page(page).wrong() == []


async def test_who_reads_answers_and_who_does_something_about_them(
    arrive: Arrive, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    row = await arrive("gmail-reply-nl")
    reads = {"bram": 200, "greta": 200, "eva": 200, "lars": 200, "els": 200, "frank": 403, "amira": 403, "hanna": 403,
             "femke": 403, "chen": 403, "dirk": 403}  # fmt: skip
    may = {"bram", "greta"}
    for name, status in reads.items():
        browser = await browser_as(cast.all[name])
        assert (await browser.get(f"/received/{row.id}")).status_code == status, name
        page = await browser.get(f"/questions/{question.ref}")
        assert ("31 leerlingen" in page.text) is (status == 200), name
        for action in ("read", "aside", "attach", "remove"):
            answer = (
                await browser.post(f"/received/{row.id}/{action}", data={"question": "x"}) if name not in may else None
            )
            assert answer is None or answer.status_code == 403, (name, action)
        assert (await browser.get("/received")).status_code == (200 if name in may else 403), name
        assert (await browser.get("/received/999999")).status_code == (404 if name in may else 403), name


async def test_what_belongs_nowhere_is_attached_or_put_aside(
    arrive: Arrive, bag: Postbag, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    row = await arrive(LOOSE)
    bram = await browser_as(cast.bram)
    for address in ("/mail?lang=nl", "/received?lang=nl", "/desk?lang=nl"):
        page = (await bram.get(address)).text
        assert "bij geen vraag" in page
        assert Page(page).wrong() == []
    wrong = await bram.post(f"/received/{row.id}/attach", data={"question": "ES-2026-9999-0"})
    assert (wrong.status_code, 'value="ES-2026-9999-0"' in wrong.text) == (400, True)
    assert Page(wrong.text).wrong() == []
    assert (await bram.post(f"/received/{row.id}/read")).headers["location"].endswith("late=1"), (
        "first it goes somewhere"
    )
    typed = f" {str(question.ref).lower()} "
    assert (
        (await bram.post(f"/received/{row.id}/attach", data={"question": typed})).headers["location"].endswith("attach")
    )
    told = (await bram.get(f"/questions/{question.ref}?lang=nl")).text
    assert "iemand@elders.example.org" in told
    assert "We weten niet zeker wie dit schreef" in told
    other = await arrive(LOOSE.replace(b"los@", b"ander@"))
    assert (await bram.post(f"/received/{other.id}/aside")).status_code == 303
    assert [one.state for one in await bag.received()] == [Fate.READ, Fate.ASIDE]
    assert "bij geen vraag" not in (await bram.get("/mail?lang=nl")).text
    assert "opzijgelegd" in (await bram.get("/received?which=all&lang=nl")).text


async def test_a_question_that_a_stranger_names_is_only_a_hint(
    arrive: Arrive, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    row = await arrive(LOOSE.replace(b"Een vraagje", f"Over {question.ref}".encode()))
    bram = await browser_as(cast.bram)
    assert "Hallo daar" not in (await bram.get(f"/questions/{question.ref}")).text
    assert f"misschien {question.ref}" in (await bram.get("/mail?lang=nl")).text
    assert f'value="{question.ref}"' in (await bram.get(f"/received/{row.id}")).text


async def test_removed_words_are_gone_and_that_something_came_in_stays(
    arrive: Arrive, bag: Postbag, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    row = await arrive("outlook-reply-nl")
    bram = await browser_as(cast.bram)
    assert (await bram.get(f"/received/{row.id}/remove")).status_code == 200
    assert (await bram.post(f"/received/{row.id}/remove")).headers["location"].endswith("done=remove")
    assert (await bram.get(f"/received/{row.id}/remove")).status_code == 403, "once is enough"
    (kept,) = await bag.received()
    assert (kept.text, kept.quoted, kept.subject, kept.files, kept.state) == ("", "", "", [], Fate.READ)
    told = (await bram.get(f"/questions/{question.ref}?lang=nl")).text
    assert f"Tekst verwijderd door {cast.bram.name}" in told
    assert "Amira Bakker antwoordde per mail" in told
    assert "café De Brug" not in told


async def test_nothing_that_was_written_becomes_part_of_a_page(
    arrive: Arrive, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'><a href="javascript:x">'
    row = await arrive("html-only")
    plain = f'From: "{evil}" <a@b.nl>\nSubject: {evil} {question.ref}\n\n{evil}'.encode()
    loose = await arrive(plain.replace(b"\"'", b"'"))
    bram = await browser_as(cast.bram)
    addresses = (
        f"/questions/{question.ref}",
        f"/received/{row.id}",
        f"/received/{loose.id}",
        "/mail",
        "/received?which=all",
    )
    for address in addresses:
        page = (await bram.get(address)).text
        for words in ("<script>alert", "<img src=x", 'href="javascript', "kwaad.example", "onclick"):
            assert words not in page, (address, words)
    assert "&lt;script&gt;" in (await bram.get(f"/received/{loose.id}")).text


async def test_a_letter_that_came_back_is_a_task_where_refused_ones_are(
    arrive: Arrive, letter: Letter, question: Question, cast: Cast, browser_as: SignIn
) -> None:
    await arrive("outlook-away-nl")
    await arrive("postfix-bounce")
    bram = await browser_as(cast.bram)
    assert "1 brief is misschien niet aangekomen" in (await bram.get("/desk?lang=nl")).text
    assert "Een brief kwam niet aan" in (await bram.get("/desk?view=risk&lang=nl")).text
    assert letter.email in (await bram.get("/mail")).text
    page = (await bram.get(f"/letters/{letter.id}?lang=nl")).text
    for words in ("automatisch antwoord", "afwezig tot en met maandag 7 december", "kwam terug", "User unknown"):
        assert words in page
    assert f'href="/letters/{letter.id}/address"' in page
    assert Page(page).wrong() == []

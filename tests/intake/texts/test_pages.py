"""A coordinator changes a text: looks, is told what is wrong, tries it on themselves, puts it live, brings it back."""

import re

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from flows.post import write
from intake.texts.standing import release_of
from notifications.letters import editable
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letter_drafts import LetterTextDraft
from schemas.letter_texts import LetterText, own_text, own_texts
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page
from tests.story import Story

NAME = "accepted"


def changed(text: str = "Fijn nieuws", **others: str) -> dict[str, str]:
    nl, en = release_of(NAME)["nl"], release_of(NAME)["en"]
    return {"nl": nl.replace("Goed nieuws", text), "en": en, "base": "0", "do": "look"} | others


async def sound(browser: httpx2.AsyncClient, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    assert Page(answer.text).wrong() == [], path
    return answer.text


async def put(browser: httpx2.AsyncClient, why: str = "Het klinkt vriendelijker.", **texts: str) -> httpx2.Response:
    edited = await browser.post(f"/texts/{NAME}/edit", data=changed(**texts))
    assert edited.headers["location"] == f"/texts/{NAME}/look", edited.text
    return await browser.post(f"/texts/{NAME}/live", data={"why": why})


async def test_every_letter_has_a_sound_page_in_both_languages(browser_as: SignIn, cast: Cast) -> None:
    bram = await browser_as(cast.bram)
    for language in ("nl", "en"):
        listed = await sound(bram, f"/texts?lang={language}")
        assert {f"/texts/{name}" for name in editable()} <= set(Page(listed).links)
    for name in sorted(editable()):
        await sound(bram, f"/texts/{name}")
    await sound(bram, "/texts/offer/edit?lang=en")


async def test_from_a_first_word_to_a_letter_that_is_live(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast, tell: Story
) -> None:
    async with writing(engine) as session:
        question = await tell.accepted(session)
    bram = await browser_as(cast.bram)
    looked = await bram.post(f"/texts/{NAME}/edit", data=changed())
    assert looked.headers["location"] == f"/texts/{NAME}/look"
    seen = await sound(bram, f"/texts/{NAME}/look")
    assert "Fijn nieuws" in seen
    assert question.ref in seen
    async with reading(engine) as session:
        assert await own_texts(session, [NAME]) == {}, "nothing is live before it is put live"
    [frame] = re.findall(r'<iframe[^>]* src="([^"]+)" sandbox=""', seen)
    paper = await bram.get(frame.replace("&amp;", "&"))
    assert "Fijn nieuws" in paper.text
    assert question.title in paper.text
    assert "sandbox" in paper.headers["content-security-policy"]
    assert paper.headers["x-frame-options"] == "SAMEORIGIN"
    nothing = await bram.post(f"/texts/{NAME}/live", data={"why": " "})
    assert (nothing.status_code, Page(nothing.text).wrong()) == (400, [])
    done = await bram.post(f"/texts/{NAME}/live", data={"why": "Het klinkt vriendelijker."})
    assert done.headers["location"] == f"/texts/{NAME}?done=live"
    one = await sound(bram, done.headers["location"])
    assert "Het klinkt vriendelijker." in one
    assert "Onze eigen tekst" in one
    async with reading(engine) as session:
        own = await own_texts(session, [NAME])
        assert list(own) == [(NAME, "nl")], "English still follows the release"
        assert (await session.exec(select(LetterTextDraft))).all() == []


async def test_everything_that_is_wrong_is_told_with_its_line_and_nothing_is_lost(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast
) -> None:
    bram = await browser_as(cast.bram)
    text = changed()["nl"].replace("[[ask]]", "{{ titel }}").replace("“{{ title }}”", "“{{ title }”")
    told = await bram.post(f"/texts/{NAME}/edit", data=changed(nl=text))
    assert told.status_code == 400
    page = Page(told.text)
    assert page.wrong() == []
    lines = text.split("\n")
    assert f"Regel {next(n for n, one in enumerate(lines, 1) if '{{ title }”' in one)}" in told.text
    assert "{{ titel }}" in told.text, "what was typed stands in the form"
    again = await sound(bram, f"/texts/{NAME}/edit")
    assert "{{ titel }}" in again, "and it has been kept"
    assert (await bram.get(f"/texts/{NAME}/edit?look=1")).status_code == 400
    assert (await bram.get(f"/texts/{NAME}/look")).headers["location"] == f"/texts/{NAME}/edit?look=1"
    assert (await bram.post(f"/texts/{NAME}/live", data={"why": "x"})).headers["location"].endswith("/edit?look=1")
    kept = await bram.post(f"/texts/{NAME}/edit", data=changed(nl=text, do="keep"))
    assert kept.headers["location"] == f"/texts/{NAME}?done=kept"
    await sound(bram, kept.headers["location"])
    gone = await bram.post(f"/texts/{NAME}/discard")
    assert "{{ titel }}" not in await sound(bram, f"/texts/{NAME}/edit")
    assert gone.status_code == 303


async def test_versions_are_kept_compared_and_brought_back(engine: AsyncEngine, browser_as: SignIn, cast: Cast) -> None:
    bram, greta = await browser_as(cast.bram), await browser_as(cast.greta)
    await put(bram, "Een.", text="Fijn nieuws")
    await greta.post(f"/texts/{NAME}/edit", data=changed("Mooi nieuws", base="1"))
    await greta.post(f"/texts/{NAME}/live", data={"why": "Twee."})
    second = await sound(bram, f"/texts/{NAME}/versions/2")
    assert re.search(r"<del>Fijn nieuws", second)
    assert re.search(r"<ins>Mooi nieuws", second)
    assert cast.greta.name in second
    assert "Mooi nieuws" in await sound(bram, f"/texts/{NAME}/versions/1")
    back = await bram.post(f"/texts/{NAME}/restore", data={"version": "1", "base": "2"})
    assert back.headers["location"] == f"/texts/{NAME}?done=restored"
    released = await bram.post(f"/texts/{NAME}/restore", data={"version": "0", "base": "3"})
    assert released.headers["location"] == f"/texts/{NAME}?done=restored"
    async with reading(engine) as session:
        rows = (await session.exec(select(LetterText).order_by(col(LetterText.version)))).all()
        assert await own_texts(session, [NAME]) == {}
    assert [(one.version, one.restored, one.author_id, bool(one.texts)) for one in rows] == [
        (1, None, cast.bram.id, True), (2, None, cast.greta.id, True), (3, 1, cast.bram.id, True),
        (4, 0, cast.bram.id, False),
    ]  # fmt: skip
    assert rows[2].texts == rows[0].texts
    late = await bram.post(f"/texts/{NAME}/restore", data={"version": "1", "base": "3"})
    assert late.headers["location"] == f"/texts/{NAME}?late=1"
    same = await bram.post(f"/texts/{NAME}/restore", data={"version": "0", "base": "4"})
    assert (same.status_code, Page(same.text).wrong()) == (400, [])
    for number in ("9", "-1", "x", "99999999999999999999"):
        assert (await bram.get(f"/texts/{NAME}/versions/{number}")).status_code == 404
        refused = await bram.post(f"/texts/{NAME}/restore", data={"version": number, "base": "4"})
        assert refused.status_code in (303, 404)
    for number in range(5):
        await sound(bram, f"/texts/{NAME}/versions/{number}?lang=en")


async def test_two_at_once_and_the_second_is_told(engine: AsyncEngine, browser_as: SignIn, cast: Cast) -> None:
    bram, greta = await browser_as(cast.bram), await browser_as(cast.greta)
    await bram.post(f"/texts/{NAME}/edit", data=changed("Fijn nieuws"))
    assert cast.bram.name in await sound(greta, f"/texts/{NAME}/edit"), "she sees that he is writing"
    assert (await put(greta, "Eerst.", text="Mooi nieuws")).headers["location"].endswith("done=live")
    late = await bram.post(f"/texts/{NAME}/live", data={"why": "Ook."})
    assert late.headers["location"] == f"/texts/{NAME}/look"
    seen = await sound(bram, f"/texts/{NAME}/look")
    assert cast.greta.name in seen
    assert "Fijn nieuws" in seen, "his own text is still there"
    assert f"/texts/{NAME}/live" not in seen
    await sound(bram, f"/texts/{NAME}/edit")
    await bram.post(f"/texts/{NAME}/go-on", data={"version": "1"})
    done = await bram.post(f"/texts/{NAME}/live", data={"why": "Nu met beide gezien."})
    assert done.headers["location"].endswith("done=live")
    async with reading(engine) as session:
        assert "Fijn nieuws" in (await own_texts(session, [NAME]))[NAME, "nl"]


async def test_a_trial_goes_to_oneself_and_does_nothing(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast, tell: Story
) -> None:
    async with writing(engine) as session:
        await tell.accepted(session)
    bram = await browser_as(cast.bram)
    await bram.post(f"/texts/{NAME}/edit", data=changed())
    sent = await bram.post(f"/texts/{NAME}/trial", data={"language": "nl", "on": "example:submitter"})
    assert sent.headers["location"] == f"/texts/{NAME}/look?done=trial"
    await sound(bram, sent.headers["location"])
    async with reading(engine) as session:
        letter = (await session.exec(select(Letter).order_by(col(Letter.id).desc()))).first()
    assert letter
    assert (letter.recipient_id, letter.email, letter.entry_id, letter.question_id) == (
        cast.bram.id, cast.bram.email, None, None,
    )  # fmt: skip
    made = write(letter, own_text(letter, {})).rendered
    assert made.subject.startswith("Proef: [")
    assert "Fijn nieuws" in made.text
    assert set(re.findall(r"http://stad\.example\.org/\S*", made.text)) == {
        f"http://stad.example.org/texts/{NAME}?link="
    }
    await sound(bram, f"/letters/{letter.id}")
    for _ in range(19):
        await bram.post(f"/texts/{NAME}/trial", data={"language": "en", "on": "nonsense"})
    enough = await bram.post(f"/texts/{NAME}/trial", data={"language": "nl", "on": ""})
    assert (enough.status_code, Page(enough.text).wrong()) == (400, [])


@pytest.mark.parametrize("who", ["dirk", "amira", "femke", "eva", "lars", "els", "frank", "chen", "daan"])
async def test_nobody_else(engine: AsyncEngine, browser_as: SignIn, cast: Cast, who: str) -> None:
    browser = await browser_as(cast.all[who])
    paths = (
        "",
        f"/{NAME}",
        f"/{NAME}/edit",
        f"/{NAME}/look",
        f"/{NAME}/paper/nl",
        f"/{NAME}/versions/0",
        f"/{NAME}/release",
    )
    answers = [(await browser.get(f"/texts{path}")).status_code for path in paths]
    answers += [
        (await browser.post(f"/texts/{NAME}/{what}", data=changed() | {"version": "0", "why": "x"})).status_code
        for what in ("edit", "live", "trial", "restore", "discard", "go-on")
    ]
    assert answers == [403] * 13
    assert "/texts" not in Page((await browser.get("/desk")).text).links
    async with reading(engine) as session:
        assert (await session.exec(select(LetterTextDraft))).all() == []


async def test_a_visitor_is_led_to_the_door_and_unknown_letters_are_not_found(
    visitor: httpx2.AsyncClient, browser_as: SignIn, cast: Cast
) -> None:
    assert (await visitor.get("/texts")).headers["location"].startswith("/sign-in")
    bram = await browser_as(cast.bram)
    for path in ("/texts/nothing", "/texts/..%2f", "/texts/nothing/edit", "/texts/parts", "/texts/calendar/look"):
        assert (await bram.get(path)).status_code == 404


NASTY = (
    "", " ", "\x00", "\u202e", "{{", "{% if %}", "@@99@@", "[[", ":::", "\r", "\x85", "x" * 30_000, "{{ x }}\n" * 2_000,
    "(" * 5_000, "{{ " + "(" * 90 + "title" + ")" * 90 + " }}", "{% if role %}" * 300, "# " * 900,
    "{{ " + "not " * 45 + "title }}", "😀é€",
)  # fmt: skip


async def test_no_text_breaks_the_page(engine: AsyncEngine, browser_as: SignIn, cast: Cast) -> None:
    bram = await browser_as(cast.bram)
    for text in NASTY:
        for whole in (text, release_of(NAME)["nl"] + "\n\n" + text):
            answer = await bram.post(f"/texts/{NAME}/edit", data=changed(nl=whole))
            assert answer.status_code in (303, 400), text[:40]
            if answer.status_code == 400:
                assert Page(answer.text).wrong() == [], text[:40]
            for path in ("", "/edit", "/look", "/paper/nl"):
                assert (await bram.get(f"/texts/{NAME}{path}")).status_code in (200, 303), (text[:40], path)
    for base in ("", "x", "-1", "99999999999999999999"):
        assert (await bram.post(f"/texts/{NAME}/edit", data=changed(base=base))).status_code == 303

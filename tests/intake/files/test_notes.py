"""Notes: written for some and not for others, corrected, removed; who is mentioned is told once."""

import re
from datetime import date, timedelta

import httpx2
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.absence import Absence
from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.links import letter_token, status_token
from schemas.notes import Note
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.files.conftest import Two
from tests.intake.files.making import pdf
from tests.intake.pages.reading import Page

pytestmark = pytest.mark.anyio


async def write(browser: httpx2.AsyncClient, where: str, text: str, **more: object) -> str:
    """Write a note by the form; where one is led to."""
    form = await browser.get(f"{where}/notes")
    assert Page(form.text).wrong() == []
    key = re.search(r'name="key" value="([^"]+)"', form.text)
    assert key
    done = await browser.post(f"{where}/notes", data={"text": text, "key": key[1], **more})
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


async def told(engine: AsyncEngine) -> list[tuple[str, str, str]]:
    """Who got a letter because of being mentioned: address, role, in whose place."""
    async with reading(engine) as session:
        query = select(Letter).where(Letter.name == "mentioned").order_by(col(Letter.id))
        return [(one.email, one.role, one.facts["in_place_of"] or "") for one in await session.exec(query)]


async def test_who_reads_which_note(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    bram, chen, amira = [await browser_as(one) for one in (cast.bram, cast.chen, cast.amira)]
    await write(bram, two.page, "Alleen voor ons.", audience="workers")
    await write(bram, two.page, "Voor allemaal.", audience="everyone")
    await write(chen, two.at_ut, "Tussen ons en de stad.", audience="workers")
    await write(amira, two.page, "Van de eigenaar.")
    city, all_four = ["bram", "eva", "lars", "els", "greta"], {"Alleen", "Voor", "Tussen", "Van"}
    expected: dict[str, set[str]] = dict.fromkeys(city, all_four)
    expected |= {name: {"Voor", "Van"} for name in ("amira", "hanna", "frank", "ivo")}
    expected |= {name: all_four - {"Alleen"} for name in ("femke", "chen")} | {"dirk": set(), "marloes": set()}
    for name, words in expected.items():
        page = await (await browser_as(cast.all[name])).get(two.page)
        found = {word for word in all_four if re.search(rf'said">{word} ', page.text)}
        assert (name, found) == (name, words)
        assert page.status_code == 403 or Page(page.text).wrong() == []
    outsider = await visitor.get(f"/s/{status_token(two.question.id, cast.amira.id)}")
    assert outsider.status_code == 200
    assert not [word for word in all_four if f'said">{word} ' in outsider.text]
    for name in ("dirk", "frank", "marloes"):
        browser = await browser_as(cast.all[name])
        assert (await browser.get(f"{two.page}/notes")).status_code == 403
        assert (await browser.post(f"{two.page}/notes", data={"text": "x"})).status_code == 403
    ivo = await browser_as(cast.ivo)
    assert (await ivo.post(f"{two.at_ut}/notes", data={"text": "x"})).status_code == 403
    assert (await amira.post(f"{two.page}/notes", data={"text": "x", "audience": "workers"})).status_code == 400


async def test_a_note_changes_no_state_and_is_written_once(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn
) -> None:
    amira = await browser_as(cast.amira)
    async with reading(engine) as session:
        before = (await session.exec(select(func.count(col(Entry.id))))).one()
    for _ in range(2):
        done = await amira.post(
            f"{two.page}/notes", data={"text": "Dubbel geklikt.", "key": "k", "mentions": cast.bram.id}
        )
        assert done.headers["location"] == f"{two.page}?said=note#note-1"
    async with reading(engine) as session:
        assert (await session.exec(select(func.count(col(Note.id))))).one() == 1
        assert (await session.exec(select(func.count(col(Entry.id))))).one() == before
    assert len(await told(engine)) == 1
    assert "De notitie staat in het verhaal" in (await amira.get(f"{two.page}?said=note")).text


async def test_mentioned_by_choice_by_name_and_by_first_name(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn, visitor: httpx2.AsyncClient
) -> None:
    bram = await browser_as(cast.bram)
    text = f"@{cast.hanna.name} en @femke, zie ook bram@example.org. @Amira"
    await write(bram, two.page, text, audience="everyone", mentions=[cast.hanna.id, cast.eva.id, cast.bram.id])
    assert {one[0] for one in await told(engine)} == {
        cast.hanna.email, cast.femke.email, cast.eva.email, cast.amira.email,
    }  # fmt: skip
    async with reading(engine) as session:
        query = select(Letter).where(Letter.name == "mentioned", Letter.recipient_id == cast.femke.id)
        letter = (await session.exec(query)).one()
    assert text not in str(letter.facts)  # the words may still be corrected or removed
    page = await visitor.get(f"/l/{letter_token(letter.id)}")
    assert "zie ook bram" in page.text


async def test_whoever_may_not_read_it_cannot_be_mentioned(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn
) -> None:
    bram = await browser_as(cast.bram)
    for more in ({"mentions": cast.amira.id}, {"text": "Wat vindt @Amira?"}):
        answer = await bram.post(f"{two.page}/notes", data={"text": "Intern.", "audience": "workers", **more})
        assert answer.status_code == 400
        assert "mag deze notitie lezen: Amira" in answer.text
        assert Page(answer.text).wrong() == []
    answer = await bram.post(f"{two.page}/notes", data={"text": "", "audience": ""})
    assert {"text-error", "audience-error"} <= set(Page(answer.text).ids)
    await write(bram, two.page, "Hoi @Dirk", audience="everyone", mentions=cast.dirk.id)
    assert await told(engine) == []


async def test_who_is_away_is_told_through_the_substitute(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn
) -> None:
    async with writing(engine) as session:
        first, last = date(2026, 11, 20), date(2026, 12, 20)
        session.add(Absence(person_id=cast.femke.id, substitute_id=cast.quinten.id, starts_on=first, ends_on=last,
                            made_by_id=cast.femke.id))  # fmt: skip
    bram = await browser_as(cast.bram)
    await write(bram, two.page, "@Femke en @Quinten", audience="everyone")
    assert await told(engine) == [(cast.quinten.email, "broker", cast.femke.name)]
    quinten = await browser_as(cast.quinten)
    await write(quinten, two.at_ut, "Ik kijk ernaar, @Femke.", audience="everyone")  # that is oneself
    assert len(await told(engine)) == 1


async def test_corrected_at_once_and_later(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn, clock: time_machine.Traveller
) -> None:
    amira, bram = await browser_as(cast.amira), await browser_as(cast.bram)
    await write(amira, two.page, "Om tien uur. @Bram")
    assert Page((await amira.get("/notes/1/correct")).text).wrong() == []
    await amira.post("/notes/1/correct", data={"text": "Om elf uur. @Bram @Hanna"})
    page = (await amira.get(two.page)).text
    assert "Om elf uur." in page
    assert "Om tien uur." not in page
    assert [one[0] for one in await told(engine)] == [cast.bram.email, cast.hanna.email]
    clock.shift(timedelta(minutes=16))
    assert "Er zijn meer dan 15 minuten voorbij" in (await amira.get("/notes/1/correct")).text
    await amira.post("/notes/1/correct", data={"text": "Toch twaalf uur."})
    page = (await amira.get(two.page)).text
    assert page.index("Om elf uur.") < page.index("Verbetering, 24 nov 2026") < page.index("Toch twaalf uur.")
    for method in (bram.get, bram.post):
        assert (await method("/notes/1/correct")).status_code == 403
    async with reading(engine) as session:
        rows = [(one.kind, one.actor_id) for one in await session.exec(select(Note).order_by(col(Note.id)))]
    assert rows == [("written", cast.amira.id), ("corrected", cast.amira.id), ("added", cast.amira.id)]


async def test_removed_by_the_author_or_an_administrator_with_its_files(
    engine: AsyncEngine, cast: Cast, two: Two, browser_as: SignIn
) -> None:
    amira, bram, greta = [await browser_as(one) for one in (cast.amira, cast.bram, cast.greta)]
    sent = {"files": ("bijlage.pdf", pdf(), "application/pdf")}
    assert (await amira.post(f"{two.page}/notes", data={"text": "Geheim."}, files=sent)).status_code == 303
    assert (await bram.get("/files/1")).content == pdf()
    assert (await bram.post("/notes/1/remove")).status_code == 403
    assert Page((await greta.get("/notes/1/remove")).text).wrong() == []
    for _ in range(2):
        assert (await greta.post("/notes/1/remove")).status_code == 303
    page = (await amira.get(two.page)).text
    assert f"Notitie verwijderd door {cast.greta.name}" in page
    assert "Geheim." not in page
    assert (await bram.get("/files/1")).status_code == 403
    assert (await amira.post("/notes/1/correct", data={"text": "Toch weer."})).status_code == 404
    async with reading(engine) as session:
        rows = [(one.kind, one.text) for one in await session.exec(select(Note).order_by(col(Note.id)))]
    assert rows == [("written", ""), ("removed", "")]


async def test_a_file_of_a_note_is_for_whoever_may_read_the_note(cast: Cast, two: Two, browser_as: SignIn) -> None:
    bram, amira, eva = [await browser_as(one) for one in (cast.bram, cast.amira, cast.eva)]
    sent = {"files": ("intern.pdf", pdf(), "application/pdf")}
    await bram.post(f"{two.page}/notes", data={"text": "Intern.", "audience": "workers"}, files=sent)
    assert (await eva.get("/files/1")).status_code == 200
    assert (await amira.get("/files/1")).status_code == 403
    assert "intern.pdf" not in (await amira.get(two.page)).text
    wrong = {"files": ("intern.docx", pdf(), "application/pdf")}
    answer = await bram.post(f"{two.page}/notes", data={"text": "Blijft staan."}, files=wrong)
    assert {"files-error", "audience-error"} <= set(Page(answer.text).ids)
    assert "Blijft staan." in answer.text

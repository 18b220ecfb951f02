"""Over real SMTP: a text that a city put live is what goes out from then on, and what was sent stays as it was."""

import asyncio

from sqlalchemy import event
from sqlmodel import col, select

from intake.access import reader_of
from intake.sight import Reader
from intake.texts.acting import bring_back, go_live, standing, try_out
from intake.texts.examples import of_example
from intake.texts.standing import release_of
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letter_texts import LetterText
from tests.cast import Cast
from tests.flows.conftest import House
from tests.flows.making import submitted
from tests.flows.place import Mailbox
from tests.flows.test_post import deliver

NAME = "receipt"


async def coordinator(house: House, cast: Cast) -> Reader:
    async with reading(house.engine) as session:
        found = await reader_of(session, cast.bram.id)
    assert found
    return found


async def change(house: House, cast: Cast, old: str, new: str, base: int) -> None:
    async with writing(house.engine) as session:
        texts = (await standing(session, NAME)).texts
        texts["nl"] = texts["nl"].replace(old, new)
        await go_live(session, await coordinator(house, cast), NAME, texts, base, "Vriendelijker.")


async def receipts(house: House) -> list[Letter]:
    async with reading(house.engine) as session:
        return list(await session.exec(select(Letter).where(Letter.name == NAME).order_by(col(Letter.id))))


async def test_from_now_on_and_not_before(house: House, mailbox: Mailbox, cast: Cast) -> None:
    await submitted(house.engine, 1)
    await deliver(house)
    await submitted(house.engine, 1, first=1)  # owed under the old text, sent under the new one
    await change(
        house, cast, "Beste {{ recipient }},\n\n", "Beste {{ recipient }},\n\nWat fijn dat je dit vraagt.\n\n", 0
    )
    await deliver(house)
    async with writing(house.engine) as session:
        await bring_back(session, await coordinator(house, cast), NAME, 0, 1)
    await submitted(house.engine, 1, first=2)
    await deliver(house)
    rows = await receipts(house)
    assert [one.state for one in rows] == ["sent"] * 3
    assert ["Wat fijn dat je dit vraagt." in (one.text or "") for one in rows] == [False, True, False]
    assert ["Wat fijn dat je dit vraagt." in (one.html or "") for one in rows] == [False, True, False]
    assert mailbox.counts() | {one.message_id: 1 for one in rows} == mailbox.counts()


async def test_one_query_for_a_batch_and_not_for_each_letter(house: House, mailbox: Mailbox, cast: Cast) -> None:
    await change(house, cast, "Beste", "Dag", 0)
    await submitted(house.engine, 8)
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(house.engine.sync_engine, "before_cursor_execute", note)
    await deliver(house)
    event.remove(house.engine.sync_engine, "before_cursor_execute", note)
    rows = await receipts(house)
    assert len(rows) == 8
    assert {one.state for one in rows} == {"sent"}
    assert all((one.text or "").startswith("Dag ") for one in rows if one.language == "nl")
    batches = sum(one.lstrip().startswith("SELECT letter.") and "FROM letter " in one for one in asked)
    assert sum("lettertext" in one for one in asked) <= batches


async def test_a_trial_arrives_marked_and_its_links_do_nothing(house: House, mailbox: Mailbox, cast: Cast) -> None:
    text = release_of("offer")["nl"].replace("Pakken jullie hem op?", "Doen jullie mee?")
    async with writing(house.engine) as session:
        seen = of_example("offer", "nl", "broker")
        await try_out(session, await coordinator(house, cast), "offer", "nl", text, seen)
    await deliver(house)
    async with reading(house.engine) as session:
        letter = (await session.exec(select(Letter))).one()
    assert (letter.state, letter.email, mailbox.counts()) == ("sent", cast.bram.email, {letter.message_id: 1})
    assert letter.subject == "Proef: [ES-2026-0001-K] Past deze vraag bij jullie onderwijs?"
    for written in (letter.text or "", letter.html or ""):
        assert "Doen jullie mee?" in written
        assert "/l/" not in written
        assert "/texts/offer?link=" in written


async def test_two_put_a_text_live_at_once_and_one_is_first(house: House, cast: Cast) -> None:
    done = await asyncio.gather(
        change(house, cast, "Beste", "Dag", 0), change(house, cast, "Beste", "Hallo", 0), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "TextMovedOn"]
    async with reading(house.engine) as session:
        assert len((await session.exec(select(LetterText))).all()) == 1

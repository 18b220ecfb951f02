"""When a release changes what a city changed too: the desk says so, and a text that no longer fits is not sent."""

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from intake.preview import letter_text
from intake.texts.standing import Standing, release_of
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letter_texts import LetterText, own_texts
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.texts.test_pages import sound
from tests.notifications.cases import full

NAME = "accepted"
NL = release_of(NAME)["nl"]


async def keep(engine: AsyncEngine, cast: Cast, **values: Any) -> None:
    """A version as an earlier release of ours would have left it."""
    async with writing(engine) as session:
        session.add(LetterText(letter=NAME, version=1, author_id=cast.bram.id, why="Toen.", **values))


async def shown(engine: AsyncEngine) -> str:
    letter = Letter(name=NAME, language="nl", facts=full(NAME, "owner"), recipient_id=1, email="x", message_id="x")
    async with reading(engine) as session:
        return letter_text(letter, await own_texts(session, [NAME]))[1]


async def test_a_new_standard_text_is_told_and_both_are_shown(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast
) -> None:
    mine, then = NL.replace("Goed nieuws", "Fijn nieuws"), NL.replace("Goed nieuws", "Oud nieuws")
    await keep(engine, cast, texts={"nl": mine}, release={"nl": then})
    bram = await browser_as(cast.bram)
    assert "De standaardtekst is nieuw" in await sound(bram, "/texts")
    assert f"/texts/{NAME}/release" in await sound(bram, f"/texts/{NAME}")
    both = await sound(bram, f"/texts/{NAME}/release")
    assert "<del>Oud nieuws" in both
    assert "<del>Fijn nieuws" in both
    assert "<ins>Goed nieuws" in both
    assert "Fijn nieuws" in await shown(engine), "the city's is sent all the same"


@pytest.mark.parametrize("broken", ["{{ fact_that_is_gone }}", "[[part-that-is-gone]]"])
async def test_a_text_that_no_longer_fits_gives_way(
    engine: AsyncEngine, browser_as: SignIn, cast: Cast, broken: str
) -> None:
    await keep(engine, cast, texts={"nl": NL.replace("[[ask]]", f"{broken}\n\n[[ask]]")}, release={"nl": NL})
    bram = await browser_as(cast.bram)
    assert "past niet meer" in await sound(bram, "/texts")
    one = await sound(bram, f"/texts/{NAME}")
    assert f"/texts/{NAME}/edit?look=1" in one
    assert broken not in (await bram.get(f"/texts/{NAME}/paper/nl?live=1")).text
    told = await bram.get(f"/texts/{NAME}/edit?look=1")
    assert told.status_code == 400
    assert broken in told.text
    assert broken not in await shown(engine)
    refused = await bram.post(f"/texts/{NAME}/restore", data={"version": "1", "base": "1"})
    assert refused.status_code == 400


def test_a_language_that_the_city_left_alone_follows_the_release() -> None:
    own = LetterText(letter=NAME, version=3, texts={"nl": NL + "\n"}, release={"nl": NL}, author_id=1)
    known = Standing(NAME, own)
    assert known.texts["en"] == release_of(NAME)["en"]
    assert (known.moved, known.version) == ({}, 3)

"""The main story: from the form to a public result that is used, with every letter to everybody."""

import re

import pytest
from sqlmodel import select

from schemas.database import reading
from schemas.ledger import Letter
from schemas.steps import CLOCK
from schemas.subjects import Question, Trajectory
from tests.cast import Cast, day
from tests.journeys.journey import Journey

COMMITTEE = [f"please-decide to {name}" for name in ("lars", "mona", "niels", "olga", "pieter", "eva")]


async def until_underway(journey: Journey, cast: Cast, question: Question) -> Trajectory:
    """Screened, decided on by the steering group, offered, placed and agreed."""
    await journey.then(cast.bram, "put_forward", question, *COMMITTEE)
    for member in (cast.lars, cast.mona, cast.niels):
        await journey.then(member, "vote", question)
    await journey.then(cast.eva, "vote", question, "accepted to amira", "accepted to jonas")
    assert await journey.state(question) == "matching"
    attempt = await journey.offers(question, "ut", "offer to femke", "offer to quinten")
    await journey.then(cast.femke, "take_on", attempt, "taken-on to amira", "taken-on to bram")
    await journey.then(
        cast.femke, "place", attempt, "agreement to chen", "agreement to amira", "placed to jonas",
    )  # fmt: skip
    await journey.then(cast.chen, "agree", attempt, "agreement to amira")
    await journey.then(
        cast.amira, "agree", attempt, "agreed to amira", "agreed to chen", "agreed to femke", "agreed to quinten"
    )
    assert await journey.state(question) == "underway"
    return attempt


async def test_from_the_form_to_a_result_that_is_used(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(
        cast.jonas, "receipt to jonas", "confirm-ownership to amira", "new-question to bram",
        owner=cast.amira,
    )  # fmt: skip
    await journey.then(cast.amira, "confirm_ownership", question)
    attempt = await until_underway(journey, cast, question)
    assert await journey.time_passes(attempt, "kick-off to amira", "kick-off to chen") == "start"
    assert await journey.time_passes(attempt, "midterm to chen", "midterm to amira") == "midterm"
    await journey.then(cast.amira, "report_midterm", attempt)
    await journey.then(cast.chen, "report_midterm", attempt, "at-risk to bram", "at-risk to amira", progress="at_risk")
    await journey.then(cast.chen, "deliver", attempt, "delivered to amira", "delivered to hanna")
    await journey.then(cast.amira, "ask_revision", attempt, "revision-asked to chen", "revision-asked to bram")
    await journey.then(cast.chen, "deliver", attempt, "delivered to amira", "delivered to hanna")
    await journey.then(
        cast.amira, "accept_result", attempt, "result-accepted to chen", "result-accepted to noor",
        "result-accepted to bram", "answered to amira", "answered to jonas",
    )  # fmt: skip
    assert (await journey.state(question), await journey.state(attempt)) == ("answered", "completed")
    await journey.then(cast.chen, "clear", attempt)
    await journey.then(cast.els, "clear", attempt, clearance="summary_only")
    await journey.then(cast.amira, "clear", attempt, "published to amira", "published to chen", "published to noor")
    assert await journey.time_passes(question, "impact to amira") == "impact"
    await journey.then(cast.amira, "report_impact", question)
    for _ in range(2):
        assert await journey.time_passes(question, "impact to amira") == "impact"
    assert await journey.time_passes(question, "closed to amira") == "close"
    assert " ".join(await journey.steps(question)) == (
        "submit confirm_ownership put_forward vote vote vote vote accept offer take_on place agree agree begin start "
        "remind report_midterm report_midterm deliver ask_revision deliver accept_result conclude clear clear clear "
        "publish remind report_impact remind remind close"
    )


async def test_every_letter_is_in_the_language_of_its_reader(journey: Journey, cast: Cast) -> None:
    question = await journey.asks(
        cast.jonas, "receipt to jonas", "confirm-ownership to amira", "new-question to bram",
        owner=cast.amira,
    )  # fmt: skip
    await journey.then(cast.amira, "confirm_ownership", question)
    await until_underway(journey, cast, question)
    languages = {(letter.email.split(".")[0], letter.language) for letter, _ in journey.read}
    assert {("jonas", "en"), ("chen", "en"), ("amira", "nl"), ("bram", "nl"), ("femke", "nl")} <= languages
    for letter, text in journey.read:
        greeting = {"nl": r"\A(Beste|Hallo|Dag) ", "en": r"\A(Dear|Hello) "}[letter.language]
        assert re.match(greeting, text.text), (letter.name, text.text[:60])
        assert text.subject.startswith(f"[{question.ref}] ")


async def test_letters_stay_as_they_were_owed(journey: Journey, cast: Cast) -> None:
    """What a letter says was true when it was owed; that the world went on does not change it."""
    question = await journey.asks(cast.amira, "receipt to amira", "new-question to bram")
    first = [(letter.id, text.text) for letter, text in journey.read]
    await journey.then(cast.bram, "hold", question, "held to amira", until=day(40))
    await journey.then(CLOCK, "wake", question, "woken to amira", "woken to bram")
    async with reading(journey.engine) as session:
        for number, text in first:
            letter = (await session.exec(select(Letter).where(Letter.id == number))).one()
            assert letter.facts["state"] == "screening"
            assert letter.facts["title"] in text


@pytest.mark.parametrize("institution", ["ut", "saxion", "roc-twente", "artez"])
async def test_it_goes_the_same_way_at_every_institution(journey: Journey, cast: Cast, institution: str) -> None:
    broker, lecturer = cast.broker(institution), cast.lecturer(institution)
    second = {"ut": "quinten", "saxion": "roos", "roc-twente": "tim", "artez": "victor"}[institution]
    question = await journey.asks(
        cast.gijs, "receipt to gijs", "new-question to bram", city="hengelo", deputy_name="Samir Haddad",
        deputy_email=cast.samir.email,
    )  # fmt: skip
    await journey.then(cast.bram, "accept", question, "accepted to gijs")
    first = broker.email.split(".")[0]
    attempt = await journey.offers(question, institution, f"offer to {first}", f"offer to {second}")
    await journey.then(broker, "take_on", attempt, "taken-on to gijs", "taken-on to bram")
    teacher = lecturer.email.split(".")[0]
    told = [f"agreement to {teacher}", "agreement to gijs"]  # they say where and when, too
    await journey.then(broker, "place", attempt, *told)
    assert str(question.ref).startswith("HE-2026-0001-")

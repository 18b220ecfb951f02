"""End to end with a real Postfix: what it could not deliver comes back into the maildir, and the letter is bounced."""

import asyncio
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import true
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, update

from flows.post import send
from flows.work import Hands, Work
from schemas.database import writing
from schemas.ledger import Letter
from schemas.mail import readdress
from schemas.parties import Person
from schemas.received import Kind
from schemas.settings import settings
from schemas.subjects import Question
from tests.cast import Cast
from tests.databases import unavailable
from tests.flows.crew import Crew
from tests.flows.place import PrefectServer, free_port, until
from tests.flows.postbag import Postbag, sent_letter
from tests.notifications.arrived import arrived
from tests.notifications.relay import Relay, lacking, relay
from tests.story import Story


@pytest.fixture(scope="module")
def postfix() -> Iterator[Relay]:
    if reason := lacking():
        unavailable(reason)
    with relay(free_port()) as started:
        yield started


@pytest.fixture
def at_postfix(postfix: Relay, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
    """Letters go by this Postfix, and what comes back lies in its maildir."""
    monkeypatch.setenv("STADSVRAAG_SMTP_URL", f"smtp://localhost:{postfix.port}?tls=none")
    monkeypatch.setenv("STADSVRAAG_INBOX", str(postfix.home / "mail" / "post"))
    monkeypatch.setenv("STADSVRAAG_INBOX_ADDRESS", "post@example.org")
    settings.cache_clear()
    yield postfix
    settings.cache_clear()


@pytest.mark.postfix
async def test_what_postfix_could_not_deliver_is_bounced_and_goes_to_the_corrected_address(
    at_postfix: Relay, engine: AsyncEngine, tell: Story, cast: Cast
) -> None:
    bag = Postbag(at_postfix.home / "mail" / "post", engine)
    async with writing(engine) as session:
        question = await tell.screening(session)
        gone = update(Person).where(col(Person.id) == cast.amira.id).values(email="gone@example.org")
        await session.exec(gone)
        await session.exec(update(Letter).where(col(Letter.recipient_id) != cast.amira.id).values(state="withheld"))
    letter = await sent_letter(engine, question.id, cast.amira.id)
    await bag.change(letter, state="owed", email="gone@example.org", sent_at=None, handed_at=None)
    await send(Work("deliver", Hands(engine)), true())
    assert (await bag.letter(letter.id)).state == "sent", "Postfix took it first"
    assert await asyncio.to_thread(at_postfix.delivered, "post"), "its report came back to the envelope's sender"
    await bag.take()
    row = await bag.letter(letter.id)
    assert (row.state, "That mailbox is gone" in (row.reply or "")) == ("bounced", True)
    assert (await bag.received())[-1].kind == Kind.BOUNCE
    async with writing(engine) as session:
        await readdress(session, await session.get_one(Letter, letter.id), cast.bram.id, "amira@example.org")
    await send(Work("deliver", Hands(engine)), true())
    assert (await bag.letter(letter.id)).state == "sent"
    again = await bag.letter(letter.id)
    delivered = await asyncio.to_thread(at_postfix.delivered, "amira")
    (written,) = [one for one in delivered if again.message_id.encode() in one]
    assert b"Reply-To: post@example.org" in written
    assert b"Return-Path: <post@example.org>" in written
    with smtplib.SMTP("localhost", at_postfix.port) as line:
        answer = arrived("gmail-reply-nl", again.message_id, again.email)
        line.sendmail(again.email, "post@example.org", answer.partition(b"\r\n")[2])
    await asyncio.to_thread(until, bag.box.waiting, 15)
    await bag.take()
    last = (await bag.received())[-1]
    assert (last.kind, last.question_id, last.person_id) == (Kind.REPLY, question.id, cast.amira.id)


@pytest.mark.prefect
async def test_a_runner_takes_what_lies_in_the_box(
    crew: Crew, prefect_server: PrefectServer, bag: Postbag, question: Question, cast: Cast, tmp_path: Path
) -> None:
    letter = await sent_letter(bag.engine, question.id, cast.amira.id)
    crew.hire(STADSVRAAG_INBOX=str(bag.path), STADSVRAAG_INBOX_ADDRESS="post@stad.example.org")
    bag.answer("gmail-reply-nl", letter)
    bag.answer("postfix-bounce", letter)
    await asyncio.to_thread(until, lambda: not bag.left(), 60)
    assert {one.kind for one in await bag.received()} == {Kind.REPLY, Kind.BOUNCE}
    assert (await bag.letter(letter.id)).state == "bounced"
    assert any(one["name"].startswith(question.ref or "?") for one in prefect_server.runs())

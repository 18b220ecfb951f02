"""Letters over real SMTP: once each, whatever the mail server does."""

import asyncio
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from sqlalchemy import true
from sqlmodel import col, update

from flows.claims import loose
from flows.links import links_of
from flows.post import send, write
from flows.waiting import look, onlooker
from flows.work import Hands, Work
from schemas.access import SignInLink
from schemas.database import writing
from schemas.ledger import Entry, Letter
from schemas.letters import new_message_id
from schemas.links import read_draft_token, read_letter_token, read_sign_in_token, read_status_token
from schemas.moment import now
from schemas.settings import settings
from tests.flows.conftest import House
from tests.flows.making import letters, submitted
from tests.flows.place import Mailbox


async def deliver(house: House, *, leaving: bool = False) -> Work:
    """What a run does with the letters that are due."""
    work = Work("deliver", Hands(house.engine))
    if leaving:
        asyncio.get_running_loop().call_later(0.25, work.hands.leaving.set)
    await send(work, true(), note=True)
    return work


async def make_all_due(house: House) -> None:
    async with writing(house.engine) as session:
        await session.exec(update(Letter).where(col(Letter.state) == "owed").values(due_at=now()))


async def test_each_letter_once(house: House, mailbox: Mailbox) -> None:
    await submitted(house.engine, 12)  # more letters than a batch holds
    works = await asyncio.gather(deliver(house), deliver(house), deliver(house))
    rows = await letters(house.engine)
    assert len(rows) > 20
    assert mailbox.counts() == {one.message_id: 1 for one in rows}
    assert {one.state for one in rows} == {"sent"}
    assert all(one.sent_at and one.subject and one.text and one.html and one.reply == "250 kept" for one in rows)
    assert sum(work.sent["sent"] for work in works if work.sent) == len(rows)


async def test_a_refused_letter_says_why(house: House, mailbox: Mailbox) -> None:
    await submitted(house.engine, 1)
    mailbox.refuse = "550 no such person"
    work = await deliver(house)
    for one in await letters(house.engine):
        assert (one.state, one.attempts) == ("refused", 1)
        assert "no such person" in (one.reply or "")
    assert work.hands.mail
    assert work.hands.mail[0], "the mail server works: it is the letter that it does not want"


async def test_a_mail_server_that_is_away_makes_letters_wait(house: House, mailbox: Mailbox) -> None:
    await submitted(house.engine, 2)
    mailbox.stop()
    work = await deliver(house)
    rows = await letters(house.engine)
    assert {(one.state, one.attempts, one.handed_at) for one in rows} == {("owed", 1, None)}
    assert all(one.due_at - now() > timedelta(seconds=30) and one.reply for one in rows)
    assert work.hands.mail
    assert not work.hands.mail[0]
    mailbox.start()
    await make_all_due(house)
    await deliver(house)
    assert mailbox.counts() == {one.message_id: 1 for one in rows}
    assert {one.attempts for one in await letters(house.engine)} == {2}


async def test_after_days_of_trying_we_stop(house: House, mailbox: Mailbox) -> None:
    await submitted(house.engine, 1)
    mailbox.refuse = "451 later, perhaps"
    async with writing(house.engine) as session:
        await session.exec(update(Letter).values(attempts=11, owed_at=now() - timedelta(days=4)))
    await deliver(house)
    for one in await letters(house.engine):
        assert one.state == "refused"
        assert "stopped trying" in (one.reply or "")
        assert "later, perhaps" in (one.reply or "")


async def test_a_letter_that_cannot_be_written_holds_up_no_other(house: House, mailbox: Mailbox) -> None:
    await submitted(house.engine, 2)
    broken = (await letters(house.engine))[0]
    async with writing(house.engine) as session:
        await session.exec(update(Letter).where(col(Letter.id) == broken.id).values(facts={"recipient": "x"}))
    await deliver(house)
    rows = {one.id: one for one in await letters(house.engine)}
    assert (rows[broken.id].state, rows[broken.id].handed_at) == ("owed", None)
    assert "could not be written" in (rows[broken.id].reply or "")
    assert {one.state for one in rows.values() if one.id != broken.id} == {"sent"}


async def test_leaving_gives_back_what_was_not_tried(house: House, mailbox: Mailbox) -> None:
    await submitted(house.engine, 8)
    mailbox.delay = 0.1
    await deliver(house, leaving=True)
    rows = await letters(house.engine)
    sent, owed = ([one for one in rows if one.state == state] for state in ("sent", "owed"))
    assert len(sent) + len(owed) == len(rows)
    assert sent
    assert owed
    assert {one.attempts for one in owed} == {0}
    assert mailbox.counts() == {one.message_id: 1 for one in sent}


async def test_letters_of_an_entry_in_hand_are_left_to_it(house: House) -> None:
    await submitted(house.engine, 1)
    work = Work("deliver", Hands(house.engine))
    await send(work, loose())
    assert not work.sent


async def test_links_lead_back_to_the_letter(house: House) -> None:
    await submitted(house.engine, 1)
    for letter in await letters(house.engine):
        links = links_of(letter)
        kind, token = urlsplit(links["act"]).path.split("/")[1:]
        assert (kind, read_letter_token(token)) == ("l", letter.id)
        assert read_status_token(links["status"].rpartition("/")[2]) == (letter.question_id, letter.recipient_id)
        assert links["question"] == f"{house.env['STADSVRAAG_BASE_URL']}/questions/{letter.facts['ref']}"
        assert links["act"] in write(letter).rendered.text


async def test_letters_about_no_question_carry_their_own_link(house: House, mailbox: Mailbox) -> None:
    [question] = await submitted(house.engine, 1)
    person = question.submitter_id or 0
    async with writing(house.engine) as session:
        link = SignInLink(person_id=person, expires_at=now())
        session.add(link)
        await session.flush()
        for name, facts in (("sign-in", {"sign_in_link_id": link.id}), ("resume-draft", {"draft_id": question.id})):
            session.add(Letter(name=name, recipient_id=person, email="amira0@example.org", language="nl",
                               facts={"recipient": "Amira", **facts}, message_id=new_message_id()))  # fmt: skip
    loose_ones = [one for one in await letters(house.engine) if one.entry_id is None]
    tokens = {one.name: urlsplit(links_of(one)["act"]).path.split("/") for one in loose_ones}
    assert read_sign_in_token(tokens["sign-in"][2]) == link.id
    assert read_draft_token(tokens["resume-draft"][2]) == question.id
    work = Work("deliver", Hands(house.engine))
    await send(work, loose(), note=True)
    assert mailbox.counts() == {one.message_id: 1 for one in loose_ones}


async def test_letters_leave_at_the_pace_that_was_set(
    house: House, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    await submitted(house.engine, 6)
    async with writing(house.engine) as session:
        for one in (await letters(house.engine))[::2]:
            change = update(Letter).where(col(Letter.id) == one.id).values(email=f"x{one.id}@Elders.example.org")
            await session.exec(change)
        await session.exec(update(Entry).values(followed_at=now()))
    for name, most in (("", 7), ("_PER_DOMAIN", 4)):
        monkeypatch.setenv(f"STADSVRAAG_MAIL_PER_MINUTE{name}", str(most))
    settings.cache_clear()
    per_minute, before = [], 0
    while before < len(await letters(house.engine)):
        await asyncio.gather(deliver(house), deliver(house), deliver(house))
        sent = [one for one in await letters(house.engine) if one.state == "sent"]
        recent = [one for one in sent if one.tried_at and one.tried_at > now() - timedelta(seconds=50)]
        assert max(Counter(one.email.partition("@")[2].lower() for one in recent).values()) <= 4
        per_minute.append(len(sent) - before)
        before = len(sent)
        assert not (await look(onlooker(house.engine))).deliver, "what waits for the next minute is no work now"
        clock.shift(timedelta(seconds=61))
    assert max(per_minute) == per_minute[0] == 7
    assert mailbox.counts() == {one.message_id: 1 for one in await letters(house.engine)}

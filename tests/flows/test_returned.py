"""Reports of mail servers: what came back is bounced, once, and never the letter that went elsewhere since."""

import pytest

from schemas.database import writing
from schemas.ledger import Letter
from schemas.letter_events import happened
from schemas.mail import readdress
from schemas.moment import now
from schemas.received import Fate, Kind
from tests.cast import Cast
from tests.flows.postbag import Postbag

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", ["postfix-bounce", "exchange-ndr", "gmail-bounce", "qmail-bounce"])
async def test_a_letter_that_came_back_is_bounced_in_the_servers_words(bag: Postbag, letter: Letter, name: str) -> None:
    bag.answer(name, letter)
    await bag.take()
    row = await bag.letter(letter.id)
    assert row.state == "bounced"
    assert "5.1.1" in (row.reply or "") or "NoSuchUser" in (row.reply or "")
    assert await bag.lines(letter) == [("bounced", "bounced")]
    assert await bag.told() == []


async def test_a_delay_is_only_history(bag: Postbag, letter: Letter) -> None:
    bag.answer("postfix-delayed", letter)
    await bag.take()
    assert (await bag.letter(letter.id)).state == "sent"
    assert await bag.lines(letter) == [("reported", "sent")]


async def test_a_bounce_of_an_earlier_sending_leaves_the_new_one_alone(
    bag: Postbag, letter: Letter, cast: Cast
) -> None:
    async with writing(bag.engine) as session:
        again = await session.get_one(Letter, letter.id)
        await readdress(session, again, cast.bram.id, "amira@nieuw.example.org")
    await bag.change(letter, state="sent")
    bag.answer("postfix-bounce", letter)
    await bag.take()
    assert (await bag.letter(letter.id)).state == "sent"


async def test_a_bounce_of_the_old_address_under_the_same_message_id_leaves_the_new_one_alone(
    bag: Postbag, letter: Letter
) -> None:
    async with writing(bag.engine) as session:
        session.add(happened(letter, "tried", state="sent"))
    await bag.change(letter, email="amira@nieuw.example.org")
    bag.answer("postfix-bounce", letter)
    await bag.take()
    assert (await bag.letter(letter.id)).state == "sent"
    bag.answer("postfix-bounce", await bag.letter(letter.id))
    await bag.take()
    assert (await bag.letter(letter.id)).state == "bounced"


@pytest.mark.parametrize("state", ["owed", "refused", "withheld", "bounced"])
async def test_a_bounce_changes_only_what_was_sent(bag: Postbag, letter: Letter, state: str) -> None:
    await bag.change(letter, state=state)
    bag.answer("postfix-bounce", letter)
    await bag.take()
    assert (await bag.letter(letter.id)).state == state


async def test_a_bounce_waits_for_a_letter_that_is_being_sent(bag: Postbag, letter: Letter) -> None:
    await bag.change(letter, state="sending")
    bag.answer("postfix-bounce", letter)
    bag.answer("gmail-reply-nl", letter)
    await bag.take()
    assert (bag.left(), [one.kind for one in await bag.received()]) == (1, [Kind.REPLY])
    await bag.change(letter, state="sent")
    await bag.take()
    assert (bag.left(), (await bag.letter(letter.id)).state) == (0, "bounced")


async def test_a_letter_whose_link_was_used_has_arrived_whatever_comes_back(bag: Postbag, letter: Letter) -> None:
    await bag.change(letter, used_at=now())
    bag.answer("postfix-bounce", letter)
    await bag.take()
    assert (await bag.letter(letter.id)).state == "sent"


async def test_a_bounce_of_nothing_that_we_know_waits_for_a_person(bag: Postbag, letter: Letter) -> None:
    bag.answer("postfix-bounce", letter, lambda raw: raw.replace(letter.message_id.encode(), b"<vreemd@example.org>"))
    await bag.take()
    (row,) = await bag.received()
    assert (row.kind, row.state, row.letter_id) == (Kind.BOUNCE, Fate.NEW, None)
    assert (await bag.letter(letter.id)).state == "sent"

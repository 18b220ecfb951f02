"""A question with a letter that was sent, and a box that answers to it come into."""

from collections.abc import Awaitable, Callable

import pytest

from schemas.ledger import Letter
from schemas.received import Received
from tests.flows import a_letter_sent
from tests.flows.postbag import Postbag

bag, question, letter = a_letter_sent.bag, a_letter_sent.question, a_letter_sent.letter
Arrive = Callable[..., Awaitable[Received]]


@pytest.fixture
def arrive(bag: Postbag, letter: Letter) -> Arrive:
    """`await arrive("gmail-reply-nl")`, or bytes: taken from the box, as its row."""

    async def one(what: str | bytes, **more: str) -> Received:
        if isinstance(what, bytes):
            bag.put(what)
        else:
            bag.answer(what, letter, **more)
        await bag.take()
        return (await bag.received())[-1]

    return one

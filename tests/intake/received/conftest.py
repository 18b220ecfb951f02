"""A question with a letter that was sent, and a box that answers to it come into."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.ledger import Letter
from schemas.received import Received
from schemas.subjects import Question
from tests.cast import Cast
from tests.flows.postbag import Postbag, sent_letter
from tests.story import Story

Arrive = Callable[..., Awaitable[Received]]


@pytest.fixture
def bag(engine: AsyncEngine, tmp_path: Path) -> Postbag:
    return Postbag(tmp_path / "inbox", engine).furnish()


@pytest.fixture
async def question(engine: AsyncEngine, tell: Story) -> Question:
    async with writing(engine) as session:
        return await tell.screening(session)


@pytest.fixture
async def letter(engine: AsyncEngine, question: Question, cast: Cast) -> Letter:
    """The receipt to Amira."""
    return await sent_letter(engine, question.id, cast.amira.id)


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

"""A question with a letter that was sent, and a box that answers to it come into: for the conftests that need them."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import writing
from schemas.ledger import Letter
from schemas.subjects import Question
from tests.cast import Cast
from tests.flows.postbag import Postbag, sent_letter
from tests.story import Story


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

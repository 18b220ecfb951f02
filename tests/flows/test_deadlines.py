"""One thing that cannot be done keeps nothing else waiting, and does not stay unseen."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from flows.deadlines import _take_due
from flows.waiting import look
from flows.work import Hands, Work
from schemas.database import reading, writing
from schemas.incidents import Incident
from schemas.moment import now
from schemas.subjects import Question
from tests.story import Story

pytestmark = pytest.mark.anyio


async def test_a_question_that_cannot_be_helped_is_kept_apart(engine: AsyncEngine, tell: Story) -> None:
    async with writing(engine) as session:
        bad, good = await tell.unclear(session), await tell.unclear(session)
        for one in (bad, good):
            one.due_at = now() - timedelta(minutes=1)
        bad.state = "nowhere"  # of a release that is no longer there
    assert (await look(engine)).deadlines
    work = Work("deadlines", Hands(engine))
    await _take_due(work, Question)
    assert work.done == {good.ref: ["reminder"]}
    assert not (await look(engine)).deadlines  # nobody runs in circles for it
    async with reading(engine) as session:
        found = (await session.exec(select(Incident))).all()
        assert [(one.ref, one.attempts, one.cause.split()[0]) for one in found] == [(bad.ref, 1, "LookupError")]
    async with writing(engine) as session:
        bad = await session.get_one(Question, bad.id)
        bad.state = "unclear"
        incident = await session.get_one(Incident, found[0].id)
        incident.retry_at = now()
    assert (await look(engine)).deadlines
    await _take_due(work, Question)
    assert work.done[str(bad.ref)] == ["reminder"]
    async with reading(engine) as session:
        assert (await session.exec(select(Incident))).all() == []

"""The body of a process that plays the story until it is killed at a boundary, or takes it up after such a kill."""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update

from flows.claims import free_dead
from flows.work import Hands
from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.letter_events import LetterEvent
from schemas.moment import now
from schemas.replay import differing
from schemas.settings import settings
from schemas.subjects import Question
from tests.cast import Cast
from tests.faults import bare
from tests.faults.beside import a_day_comes_near, beside, kept_for_a_digest, somebody_answers, their_moment_comes
from tests.faults.boundaries import Boundaries
from tests.faults.townsfolk import Story, front_door
from tests.schemas.backup.places import faults

STEPS, BESIDE = bare.strip(bare.STEPS), bare.strip(bare.BESIDE)
Heard = Callable[[dict[str, Any]], None]


def play(env: Mapping[str, str], what: str, fatal: int, home: str, name: str) -> None:
    """Play in `home` until this step is taken, or what happens beside; to die at the boundary `fatal` (0: at none).

    What was acknowledged stands in `<name>.heard` there, and `<name>.json` says what there was in the end.
    """
    os.chdir(home)
    os.environ.update(env)
    settings.cache_clear()
    boundaries = Boundaries(fatal)
    boundaries.around_the_post()
    boundaries.around_the_box()
    heard = keeper(Path(f"{name}.heard"))
    found = asyncio.run(story_beside(boundaries, heard) if what == "beside" else story(boundaries, heard, what))
    Path(f"{name}.json").write_text(json.dumps(found))


def keeper(file: Path) -> Heard:
    """Puts down what was acknowledged where a kill of this process cannot touch it."""
    out = os.open(file, os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    def keep(said: dict[str, Any]) -> None:
        os.write(out, json.dumps(said).encode() + b"\n")

    return keep


async def story(boundaries: Boundaries, heard: Heard, until: str = "") -> dict[str, Any]:
    """The whole story, and what there is in the end."""
    async with front_door() as (engine, clients):
        boundaries.around_commits(engine)
        async with writing(engine) as session:
            await free_dead(session)
        hands, told = Hands(engine), Story(await Cast.of(engine), clients, heard, until)
        async for step in told.tell():
            if step == "submit":
                await a_term_runs_out(engine)
            await bare.work_through(STEPS, hands)
        unsettled = await uncertain(engine)
        await half_an_hour_later(engine)
        await bare.work_through(STEPS, hands)
        found = await looked_into(engine)
    return found | {"unsettled": unsettled, "answers": told.answers, **_passed(boundaries)}


async def story_beside(boundaries: Boundaries, heard: Heard) -> dict[str, Any]:
    """From a question for which a place is sought; only what happens from then on is hunted."""
    flows, boundaries.counting = STEPS | BESIDE, False
    async with front_door() as (engine, clients):
        boundaries.around_commits(engine)
        await kept_for_a_digest(engine)
        async with writing(engine) as session:
            await free_dead(session)
        hands, told = Hands(engine), Story(await Cast.of(engine), clients, heard, "take_on")
        async for _ in told.tell():
            await bare.work_through(STEPS, hands)
        boundaries.counting = True
        for happens in (somebody_answers, a_day_comes_near, their_moment_comes):
            await happens(engine)
            await bare.work_through(flows, hands)
        unsettled = await uncertain(engine)
        await half_an_hour_later(engine)
        await bare.work_through(flows, hands)
        found = await looked_into(engine) | await beside(engine)
    return found | {"unsettled": unsettled, "answers": told.answers, **_passed(boundaries)}


def _passed(boundaries: Boundaries) -> dict[str, Any]:
    return {"kinds": dict(boundaries.kinds), "boundaries": boundaries.passed}


async def a_term_runs_out(engine: AsyncEngine) -> None:
    """The coordinator has let the question lie: the clock is to remind, once."""
    async with writing(engine) as session:
        due = update(Question).where(col(Question.state) == "screening", col(Question.due_n) == 0)
        await session.exec(due.values(due_at=now()))


async def half_an_hour_later(engine: AsyncEngine) -> None:
    """The one retry of an uncertain letter has come."""
    async with writing(engine) as session:
        await session.exec(update(Letter).where(col(Letter.may_retry)).values(due_at=now()))


async def uncertain(engine: AsyncEngine) -> int:
    async with reading(engine) as session:
        return (await session.exec(select(func.count()).where(Letter.state == "uncertain"))).one()


async def looked_into(engine: AsyncEngine) -> dict[str, Any]:
    """What there is: steps, letters, and what the doctor says."""
    async with reading(engine) as session:
        steps = list(await session.exec(select(Entry.step).order_by(col(Entry.id))))
        unfollowed = (await session.exec(select(func.count()).where(col(Entry.followed_at).is_(None)))).one()
        letters = (await session.exec(select(Letter))).all()
        retried = set(await session.exec(select(LetterEvent.letter_id).where(LetterEvent.what == "retried")))
        questions = (await session.exec(select(func.count(col(Question.id))))).one()
        clocks = len(await differing(session))
    return {
        "steps": sorted(steps), "unfollowed": unfollowed, "questions": questions, "clocks": clocks,
        "letters": [[one.message_id, one.name, one.email, one.state, one.id in retried] for one in letters],
        "faults": await faults(engine),
    }  # fmt: skip

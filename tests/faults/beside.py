"""A story of what no step waits for: what a question can reach, letters about a hand-in day, a digest, an answer."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select, update

from matching.prospects import Supply, work_out
from notifications.inbox import FOLDERS
from schemas.case import calendar_of, cooperation_of, open_case
from schemas.database import reading, writing
from schemas.kinds import How, Kind
from schemas.ledger import Letter, LetterState
from schemas.moment import now
from schemas.parties import Person
from schemas.prospects import HandInTold, Prospect
from schemas.received import Received
from schemas.subjects import Question
from schemas.supply import Edition
from tests.notifications.arrived import arrived

BOX, ANSWER = Path("box"), "answer"  # in the directory where a process works
SOON = timedelta(days=26)  # a day in the week in which the letters of four weeks ahead leave


async def kept_for_a_digest(engine: AsyncEngine) -> None:
    """Everybody wants once a day what may be gathered."""
    async with writing(engine) as session:
        await session.exec(update(Person).values(mail={Kind.INTERNAL: How.DAILY, Kind.TOLD: How.DAILY}))


async def a_day_comes_near(engine: AsyncEngine) -> None:
    """The institutions say that what the question can reach must be handed in for soon; it is looked at again."""
    async with writing(engine) as session:
        for row in await session.exec(select(Prospect)):
            known = select(Edition).where(Edition.offering_id == row.offering_id, Edition.term_id == row.term_id)
            if (await session.exec(known)).one_or_none() is None:
                session.add(Edition(
                    offering_id=row.offering_id, term_id=row.term_id, hand_in_by=(now() + SOON).date(), seats=2
                ))  # fmt: skip
        await session.exec(update(Question).where(col(Question.look_at).is_not(None)).values(look_at=now()))


async def their_moment_comes(engine: AsyncEngine) -> None:
    """The morning on which the letters about that day leave, and the one for which others were kept."""
    async with writing(engine) as session:
        await session.exec(update(Prospect).where(col(Prospect.tell_at).is_not(None)).values(tell_at=now()))
        await session.exec(update(Letter).where(col(Letter.state) == LetterState.KEPT).values(due_at=now()))


async def somebody_answers(engine: AsyncEngine) -> None:
    """The owner writes back to the first letter: once, whoever is killed."""
    for name in FOLDERS:
        (BOX / name).mkdir(parents=True, exist_ok=True)
    if [*(BOX / "new").iterdir(), *(BOX / "cur").iterdir()]:
        return
    async with reading(engine) as session:
        letter = (await session.exec(select(Letter).where(Letter.name == "receipt").order_by(col(Letter.id)))).first()
    assert letter is not None
    (BOX / "tmp" / ANSWER).write_bytes(arrived("gmail-reply-nl", letter.message_id, letter.email))
    (BOX / "tmp" / ANSWER).rename(BOX / "new" / ANSWER)


async def beside(engine: AsyncEngine) -> dict[str, Any]:
    """What there is of all that in the end. `stale`: rows that a recount would make otherwise."""
    async with reading(engine) as session:
        told = [[one.term_id, one.weeks] for one in await session.exec(select(HandInTold))]
        kept = [_reached(one) for one in await session.exec(select(Prospect))]
        mail = [[one.kind, one.state, one.told] for one in await session.exec(select(Received))]
        counted = [_reached(one) for one in await _recount(session)]
    kept, counted = sorted(kept), sorted(counted)
    return {
        "told of a day": sorted(told), "prospects": kept, "stale": kept != counted, "mail": mail,
        "box": [sorted(one.name for one in (BOX / name).glob("*")) for name in FOLDERS],
    }  # fmt: skip


async def _recount(session: Any) -> list[Prospect]:
    supply = await Supply.of(session, (await calendar_of(session, await cooperation_of(session))).local(now()))
    found = list[Prospect]()
    for question in (await session.exec(select(Question))).all():
        found += await work_out(await open_case(session, question), supply)
    return found


def _reached(row: Prospect) -> list[Any]:
    return [row.question_id, row.institution_id, row.offering_id, row.term_id, str(row.hand_in_by), round(row.score, 6)]

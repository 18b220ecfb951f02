"""The rows of the board: each question with what has been offered, who is asked next, and by when it is of use."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.language import short_day
from intake.language import translate as _
from intake.rows import kind_of
from matching.rows import needed_by
from schemas.candidates import Candidate
from schemas.case import Case, calendar_of, cooperation_of
from schemas.facts import named
from schemas.moment import now
from schemas.parties import Organisation
from schemas.process import TRAJECTORY
from schemas.standing import standing
from schemas.subjects import Question, Trajectory
from schemas.words import word


async def rows_of(session: AsyncSession, questions: Sequence[Question], language: str) -> list[dict[str, Any]]:
    """What the rows say, within `speaking`."""
    cooperation = await cooperation_of(session)
    calendar, moment, names = await calendar_of(session, cooperation), now(), await _names(session, language)
    attempts, waiting = await _attempts(session, questions), await _waiting(session, questions)
    found = []
    for row in questions:
        mine = attempts.get(row.id, [])
        case = Case(session, row, row, mine, cooperation, calendar, moment)
        found.append({
            "question": row, "city": names.get(row.city_id or "", ""), "kind": kind_of(row.state),
            "state": word(language, f"states.{row.state}.label"), "needed_by": needed_by(row.form),
            "asked": [_asked(case.at(one), names, language) for one in mine if one.state not in TRAJECTORY.ends],
            "next": names.get(waiting.get(row.id, ""), ""), "refused": _refused(mine, names),
        })  # fmt: skip
    return found


async def _names(session: AsyncSession, language: str) -> dict[str, str]:
    return {row.id: named(row, language) for row in await session.exec(select(Organisation))}


async def _attempts(session: AsyncSession, questions: Sequence[Question]) -> dict[int, list[Trajectory]]:
    query = select(Trajectory).where(col(Trajectory.question_id).in_([one.id for one in questions]))
    found: dict[int, list[Trajectory]] = {}
    for one in await session.exec(query.order_by(col(Trajectory.id))):
        found.setdefault(one.question_id, []).append(one)
    return found


async def _waiting(session: AsyncSession, questions: Sequence[Question]) -> dict[int, str]:
    """The institution whose turn is next, by question."""
    query = select(Candidate).where(
        col(Candidate.question_id).in_([one.id for one in questions]), col(Candidate.trajectory_id).is_(None),
        col(Candidate.dropped).is_(False),
    )  # fmt: skip
    rounds, found = {one.id: one.round for one in questions}, dict[int, str]()
    for one in await session.exec(query.order_by(col(Candidate.rank))):
        if one.round == rounds[one.question_id]:
            found.setdefault(one.question_id, one.institution_id)
    return found


def _asked(case: Case, names: dict[str, str], language: str) -> str:
    """An institution, how far it is, and by when it answers."""
    one, by = case.attempt, standing(case, language).by
    said = f"{names.get(one.institution_id, '')}: {word(language, f'states.{one.state}.label')}"
    return f"{said}, {_('by %(day)s') % {'day': short_day(by)}}" if by else said


def _refused(attempts: Sequence[Trajectory], names: dict[str, str]) -> str:
    """The last institution that did not take it on."""
    last = next((one for one in reversed(attempts) if one.state in ("declined", "lapsed")), None)
    return names.get(last.institution_id, "") if last else ""

"""An institution's first page: offers to answer, trajectories and what is due, hand-in days, load per term."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader, NotForYou
from intake.fields import message
from intake.institution.house import INSTITUTIONS, House, frame, is_admin, may_supply, supplier
from intake.institution.load import load, soon
from intake.institution.runs import runs_of
from intake.language import language_of
from intake.pages import page
from intake.rows import kind_of
from intake.sight import Reader
from intake.telling import attempt_row, form_rows
from schemas.case import Case, calendar_of, cooperation_of
from schemas.database import reading, writing
from schemas.facts import named
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Organisation
from schemas.process import TRAJECTORY
from schemas.rules import Role
from schemas.standing import standing
from schemas.subjects import Question, Trajectory
from schemas.supply import OfferLimit

router = APIRouter()
IN_FIVE = ("situation", "wanted", "use", "needed_by", "language")


@router.get("/institution")
async def overview(request: Request, reader: KnownReader, house: str = "") -> Response:
    """For brokers their institution; for lecturers what is theirs; an administrator chooses an institution."""
    async with reading(request.app.state.engine) as session:
        mine = await _houses(session, reader)
        teaches = await _teaches(session, reader)
        if not mine and not teaches:
            raise NotForYou
        chosen = next((one for one in mine if one.id == house), mine[0] if mine and not is_admin(reader) else None)
        return await _page(request, reader, session, mine, chosen, [])


async def _houses(session: AsyncSession, reader: Reader) -> list[Organisation]:
    query = select(Organisation).where(col(Organisation.kind).in_(INSTITUTIONS)).order_by(Organisation.name_nl)
    return [one for one in await session.exec(query) if may_supply(reader, one.id)]


async def _teaches(session: AsyncSession, reader: Reader) -> bool:
    query = select(Trajectory.id).where(col(Trajectory.lecturer_id).in_(reader.ids)).limit(1)
    return Role.LECTURER in reader.roles or bool((await session.exec(query)).first())


async def _page(
    request: Request, reader: Reader, session: AsyncSession, mine: list[Organisation], house: Organisation | None,
    faults: list[Fault], typed: str = "",
) -> Response:  # fmt: skip
    language, today = language_of(request, reader), now().date()
    cases = await _cases(session, reader, house)
    runs = await runs_of(session, house.id, after=today) if house else []
    limit = await session.get(OfferLimit, house.id) if house else None
    said = {fault.field: message(language, fault) for fault in faults}
    return page(
        request, "institution/overview.html", reader, status=400 if faults else 200,
        **(frame(house, language) if house else {"house": None, "house_name": "", "base": ""}),
        houses=[{"href": f"/institution?house={one.id}", "label": named(one, language), "current": one is house}
                for one in mine] if len(mine) > 1 else [],
        offers=[await _offer(case, language) for case in cases if house and case.attempt.state == "offered"],
        rows=[await _row(case, language) for case in cases if case.attempt.state != "offered"],
        limit=typed or (str(limit.most) if limit else ""), done=request.query_params.get("done"), said=said,
        soon=soon(runs, today, language), load=load(runs),
        faults=[{"href": f"#{field}", "text": text} for field, text in said.items()],
    )  # fmt: skip


async def _cases(session: AsyncSession, reader: Reader, house: Organisation | None) -> list[Case]:
    """What has not ended, of the institution or else the reader's own as a lecturer; soonest first."""
    own = col(Trajectory.lecturer_id).in_(reader.ids)
    here = or_(own, Trajectory.institution_id == house.id) if house else own
    live = col(Trajectory.state).not_in(TRAJECTORY.ends | {"@new"})
    query = select(Trajectory, Question).join(Question, col(Question.id) == Trajectory.question_id)
    rows = (await session.exec(query.where(here, live).order_by(col(Trajectory.due_at), col(Trajectory.id)))).all()
    cooperation = await cooperation_of(session)
    calendar, moment = await calendar_of(session, cooperation), now()
    return [Case(session, one, question, [one], cooperation, calendar, moment) for one, question in rows]


async def _offer(case: Case, language: str) -> dict[str, Any]:
    """The question in five lines, and until when an answer is waited for."""
    told = {row["name"]: row for row in await form_rows(case, language)}
    lapses = next((due.at for due in case.due("offered") if due.take), None)
    return await attempt_row(case.session, case.attempt, language) | {
        "question": case.question, "lines": [told[name] for name in IN_FIVE if name in told],
        "until": case.day(lapses) if lapses else None, "by": standing(case, language).by, "today": case.today,
    }  # fmt: skip


async def _row(case: Case, language: str) -> dict[str, Any]:
    one, by = case.attempt, standing(case, language).by
    midway = case.day("midway") if one.state in ("scheduled", "running") and not one.midterm else None
    return await attempt_row(case.session, one, language) | {
        "question": case.question, "kind": "risk" if one.due_n and by and by < case.today else kind_of(one.state),
        "by": by, "late": bool(by and by < case.today), "midway": midway, "ends_on": one.ends_on,
    }  # fmt: skip


@router.post("/institution/{house}/limit")
async def limit(request: Request, reader: KnownReader, house: House) -> Response:
    """How many offers may wait at once."""
    async with request.form() as sent:
        typed = str(sent.get("open_offers", "")).strip()
    try:
        async with writing(request.app.state.engine) as session:
            await supplier(session, house, reader).limit({"open_offers": typed})
    except FaultyNeeds as error:
        async with reading(request.app.state.engine) as session:
            mine = await _houses(session, reader)
            return await _page(request, reader, session, mine, house, error.faults, typed)
    return RedirectResponse(f"/institution?house={house.id}&done=limit", 303)

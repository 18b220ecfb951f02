"""The desk: what needs this reader on top, with why and by when; below it all they may see, to filter and search."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.changes import late_rules
from intake.incidents import incidents_for
from intake.language import language_of
from intake.pages import page
from intake.rows import kind_of
from intake.search import searched
from intake.sight import Reader, visible
from intake.tasks import question_tasks, still_mine, trajectory_tasks
from intake.telling import STAFF
from schemas.case import Case, calendar_of, cooperation_of
from schemas.database import reading
from schemas.facts import named
from schemas.ledger import Letter, LetterState
from schemas.moment import now
from schemas.parties import Organisation
from schemas.process import QUESTION
from schemas.rules import Role
from schemas.standing import standing
from schemas.subjects import Question, Trajectory
from schemas.words import word

router = APIRouter()
Pair = tuple[Question, Question | Trajectory]
SIZE = 20
VIEWS: dict[str, ColumnElement[bool]] = {
    "open": col(Question.state).not_in(QUESTION.ends | {"answered"}),
    "new": col(Question.state).in_(["submitted", "screening"]),
    "late": (col(Question.due_n) > 0) & col(Question.state).not_in(QUESTION.ends | {"answered"}),
    "underway": col(Question.state) == "underway",
    "answered": col(Question.state) == "answered",
    "all": col(Question.id) > 0,
}
TROUBLED = (LetterState.REFUSED, LetterState.UNCERTAIN, LetterState.BOUNCED)


@dataclass(frozen=True)
class Task:
    """One line of the desk."""

    ref: str
    title: str
    href: str
    why: str
    by: str
    badge_kind: str
    badge_label: str
    late: bool


def _task(case: Case, language: str) -> Task:
    question, subject = case.question, case.subject
    what = word(language, f"states.{subject.state}.task") or word(language, f"states.{subject.state}.what")
    path = "questions" if subject is question else "trajectories"
    by = standing(case, language).by
    return Task(
        ref=subject.ref or "", title=question.title, href=f"/{path}/{subject.ref}", why=what[:1].upper() + what[1:],
        by=by.isoformat() if by else "", badge_kind="act", badge_label=word(language, f"states.{subject.state}.label"),
        late=subject.due_n > 0 or bool(by and by < case.today),
    )  # fmt: skip


async def tasks_of(session: AsyncSession, reader: Reader, language: str) -> list[Task]:
    """Everything that waits for this reader, latest and soonest first; at most a hundred of each kind."""
    found: list[Pair] = [(row, row) for row in await session.exec(question_tasks(reader).limit(100))]
    attempts = (await session.exec(trajectory_tasks(reader).limit(100))).all()
    ids = {one.question_id for one in attempts}
    questions = {row.id: row for row in await session.exec(select(Question).where(col(Question.id).in_(ids)))}
    own: list[Pair] = [
        (questions[one.question_id], one) for one in attempts if still_mine(reader, questions[one.question_id], one)
    ]
    cooperation = await cooperation_of(session)
    calendar = await calendar_of(session, cooperation)
    tasks = [
        _task(Case(session, subject, question, [], cooperation, calendar, now()), language)
        for question, subject in [*found, *own]
    ]
    return sorted(tasks, key=lambda task: (not task.late, task.by or "9"))


@router.get("/desk")
async def desk(
    request: Request, reader: KnownReader, view: str = "open", text: str = "", page_number: int = 1
) -> Response:
    """Tasks, then the list."""
    language = language_of(request, reader)
    view, text = view if view in VIEWS else "open", text.replace("\x00", "")
    number = max(1, min(page_number, 10**6))
    async with reading(request.app.state.engine) as session:
        tasks = await tasks_of(session, reader, language)
        seen = visible(reader)
        chosen = [seen, *searched(text)] if text.strip() else [seen, VIEWS[view]]
        total = await _count(session, *chosen)
        query = (
            select(Question).where(*chosen).order_by(col(Question.id).desc()).limit(SIZE).offset((number - 1) * SIZE)
        )
        rows = await _rows(session, (await session.exec(query)).all(), {task.ref for task in tasks}, language)
        counts = {name: await _count(session, seen, condition) for name, condition in VIEWS.items()}
        return page(
            request, "desk.html", reader, tasks=tasks, rows=rows, total=total, staff=bool(reader.roles & STAFF),
            first=(number - 1) * SIZE + 1, counts=counts, view=view, text=text, number=number,
            pages=_links(view, text, number, total), troubled=await _troubled(session, reader),
            incidents=await incidents_for(session, reader), earlier=await late_rules(session, reader),
        )  # fmt: skip


async def _count(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    return (await session.exec(select(func.count()).select_from(Question).where(*conditions))).one()


async def _rows(session: AsyncSession, rows: Any, mine: set[str], language: str) -> list[dict[str, Any]]:
    cities = {row.id: named(row, language) for row in
              await session.exec(select(Organisation).where(Organisation.kind == "municipality"))}  # fmt: skip
    return [
        {"question": row, "city": cities.get(row.city_id or "", ""), "kind": _shape(row, mine),
         "state": word(language, f"states.{row.state}.label")}
        for row in rows
    ]  # fmt: skip


def _shape(row: Question, mine: set[str]) -> str:
    """In the list only what waits for the reader asks for attention."""
    kind = kind_of(row.state)
    return "waiting" if kind == "act" and row.ref not in mine else kind


def _links(view: str, text: str, number: int, total: int) -> dict[str, str]:
    def to(n: int) -> str:
        return "/desk?" + urlencode({"view": view, "text": text, "page_number": n}) + "#list"

    return {"prev": to(number - 1) if number > 1 else "", "next": to(number + 1) if number * SIZE < total else ""}


async def _troubled(session: AsyncSession, reader: Reader) -> int:
    """Letters that a coordinator should look at: they did not arrive, or not for certain."""
    if not reader.roles & {Role.COORDINATOR, Role.ADMIN}:
        return 0
    query = select(func.count(col(Letter.id))).where(col(Letter.state).in_(TROUBLED))
    return (await session.exec(query)).one()


@router.get("/mail")
async def mail(request: Request, reader: KnownReader) -> Response:
    """The letters that did not arrive, or not for certain."""
    async with reading(request.app.state.engine) as session:
        query = select(Letter).where(col(Letter.state).in_(TROUBLED)).order_by(col(Letter.id).desc()).limit(100)
        letters = (await session.exec(query)).all() if reader.roles & {Role.COORDINATOR, Role.ADMIN} else []
        waiting = select(func.count(col(Letter.id))).where(Letter.state == LetterState.OWED, Letter.due_at < now())
        return page(request, "mail.html", reader, letters=letters, waiting=(await session.exec(waiting)).one())

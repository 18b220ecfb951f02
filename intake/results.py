"""The register of results: what was found, by whom, for whom, open to everybody once it has been cleared."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import MaybeReader
from intake.attached import download
from intake.language import language_of
from intake.pages import page
from intake.rows import reference
from intake.telling import attempt_row
from intake.trouble import NotFound
from schemas.attachments import Attachment, attached
from schemas.case import open_case
from schemas.database import reading
from schemas.facts import given_in_words, named
from schemas.parties import Organisation
from schemas.subjects import Question, Trajectory, open_on

router = APIRouter()


def _published(today: date) -> Any:
    return (
        select(Trajectory, Question)
        .join(Question, col(Question.id) == Trajectory.question_id)
        .where(col(Trajectory.published_on) <= today)
        .order_by(col(Trajectory.published_on).desc(), col(Trajectory.id).desc())
    )


def summary_only(attempt: Trajectory) -> bool:
    """Whether anybody asked that no more than the summary is shown."""
    asked = {one.get("clearance") for one in attempt.clearances.values()}
    return "summary_only" in asked or attempt.agreement.get("publishing") == "summary_only"


def in_full(attempt: Trajectory) -> bool:
    """Whether everybody agreed to more than the summary."""
    return not summary_only(attempt) and attempt.agreement.get("publishing") != "not"


async def _files(session: AsyncSession, attempt: Trajectory) -> list[Attachment]:
    """What was delivered, where it was cleared in full; nothing else of a question is ever public."""
    rows = await attached(session, attempt.question_id) if in_full(attempt) else []
    return [one for one in rows if one.result and one.trajectory_id == attempt.id]


@router.get("/results")
async def results(request: Request, reader: MaybeReader) -> Response:
    """Every public result, newest first."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        today = date.today()  # noqa: DTZ011 - the day on the wall
        found = (await session.exec(_published(today).limit(200))).all()
        rows = [
            await _row(session, one, question, language) for one, question in found if (open_on(one) or today) <= today
        ]
    return page(request, "results.html", reader, rows=rows)


async def _row(session: AsyncSession, attempt: Trajectory, question: Question, language: str) -> dict[str, Any]:
    city = await session.get(Organisation, question.city_id)
    return {"question": question, "city": named(city, language) if city else "",
            **await attempt_row(session, attempt, language)}  # fmt: skip


@router.get("/results/{ref}")
async def result(request: Request, reader: MaybeReader, ref: str) -> Response:
    """One result."""
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        attempt, question = await _open_result(session, ref)
        case = await open_case(session, attempt)
        shown = {"summary": attempt.result.get("summary", "")} if summary_only(attempt) else attempt.result
        return page(
            request, "result.html", reader, **await _row(session, attempt, question, language),
            result=await given_in_words(case, {k: v for k, v in shown.items() if k != "links"}, language),
            links=shown.get("links", []), files=await _files(session, attempt),
            use=attempt.acceptance.get("intended_use", ""),
        )  # fmt: skip


async def _open_result(session: AsyncSession, ref: str) -> tuple[Trajectory, Question]:
    today = date.today()  # noqa: DTZ011
    found = (await session.exec(_published(today).where(Trajectory.ref == reference(ref)))).first()
    if found is None or (open_on(found[0]) or today) > today:
        raise NotFound("result", ref)
    return found[0], found[1]


@router.get("/results/{ref}/files/{file_id}")
async def result_file(request: Request, ref: str, file_id: int) -> Response:
    """A file of a result that was cleared in full, to be saved."""
    async with reading(request.app.state.engine) as session:
        attempt, _ = await _open_result(session, ref)
        found = next((one for one in await _files(session, attempt) if one.id == file_id), None)
    if found is None:
        raise NotFound("page")
    return download(request, found)

"""Questions: asking one, finding them, reading one, and taking steps, voting and offering."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import JSONResponse
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api import door, ledger, shapes, showing
from intake.api.answers import made, refusals
from intake.api.asking import body_schema, form_from
from intake.api.clock import Clock, clock_of
from intake.api.door import ApiReader, Language, Ref
from intake.api.finding import Filters, branches_of, is_cut
from intake.api.lists import Parts, Whole
from intake.api.matches import Match, matches
from intake.api.once import DoOnce, Made
from intake.api.stepping import post, step_in
from intake.desk.walking import Place, counted, walked
from intake.memory import memory_of
from schemas.birth import begin_draft, fill
from schemas.case import cooperation_of, open_case
from schemas.database import reading
from schemas.steps import Actor, advance
from schemas.subjects import Question

router = APIRouter(prefix="/questions", tags=["questions"], responses=refusals(401))
Given = Annotated[dict[str, Any], Body()]
ONE = refusals(403, 404)
PART = refusals(400, 403, 404)
STEP = refusals(400, 403, 404, 409)


@router.post(
    "", status_code=201, response_model=shapes.Question, responses=refusals(400, 409), openapi_extra=made(body_schema())
)
async def ask(request: Request, once: DoOnce, body: Given) -> JSONResponse:
    """Ask a question. Whoever's token it is asks; without an `owner` they own it too."""

    async def work(session: AsyncSession) -> Made:
        form = await form_from(session, await cooperation_of(session), once.reader, body)
        question = await begin_draft(session, once.language)
        await fill(session, question, form)
        case = await open_case(session, question, alone=True)
        await advance(case, "submit", Actor(once.reader.person.id), {})
        shape = await showing.question_of(session, once.reader, question, once.language)
        return shape, f"/api/v1/questions/{question.ref}"

    return await once.do(work)


@router.get("", responses=refusals(400))
async def find(
    request: Request, language: Language, part: Parts, asked: Annotated[Filters, Depends()]
) -> shapes.Questions:
    """The questions that this reader may see, newest first unless another order is asked.

    `next` goes on where this part ended, at the same cost however far one is; `page` by itself counts from the start.
    """
    async with reading(request.app.state.engine) as session:
        chosen = await branches_of(session, asked)
        total = await counted(session, chosen, most=None)
        place = Place.read(asked.after, asked.by)
        skipped = 0 if place else part.offset
        found = await walked(session, Question, chosen, asked.by, place, skipped + part.size + 1)
        shown, more = found[skipped : skipped + part.size], len(found) > skipped + part.size
        query = select(Question).where(col(Question.id).in_([one for one, _ in shown]))
        known = {row.id: row for row in await session.exec(query)}
        rows = [known[one] for one, _ in shown if one in known]
        at = await showing.around(session, rows)
        items = [showing.row_of(at, asked.reader, row, language) for row in rows]
        found_part = part.ended(items, total, shown[-1][1].written() if more else "")
        return shapes.Questions(**dict(found_part), cut=await is_cut(session, asked))


@router.get("/{ref}", responses=ONE)
async def show(request: Request, reader: ApiReader, language: Language, ref: Ref) -> shapes.Question:
    """One question, with the steps that this reader may take now."""
    async with reading(request.app.state.engine) as session:
        question = await door.question_of(session, reader, ref)
        return await showing.question_of(session, reader, question, language)


@router.get("/{ref}/entries", responses=PART)
async def entries(
    request: Request, reader: ApiReader, language: Language, ref: Ref, part: Whole
) -> shapes.Page[ledger.Entry]:
    """The ledger: every step taken on the question and on its trajectories, oldest first."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await door.question_of(session, reader, ref))
        return part.cut(await ledger.entries(case, reader))


@router.get("/{ref}/clock", responses=ONE)
async def clock(request: Request, reader: ApiReader, language: Language, ref: Ref) -> Clock:
    """The clock: every term of the present state, and day by day which days counted and why."""
    async with reading(request.app.state.engine) as session:
        return clock_of(await open_case(session, await door.question_of(session, reader, ref)), language)


@router.get("/{ref}/letters", responses=PART)
async def letters(
    request: Request, reader: ApiReader, language: Language, ref: Ref, part: Whole
) -> shapes.Page[ledger.Letter]:
    """The letters of the question and its trajectories, oldest first."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await door.question_of(session, reader, ref))
        return part.cut(await ledger.letters(session, case, reader))


@router.get("/{ref}/matches", responses=PART)
async def fitting(request: Request, reader: ApiReader, language: Language, ref: Ref, part: Whole) -> shapes.Page[Match]:
    """The offerings that fit, within reach first, best first, with the reasons."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await door.question_of(session, reader, ref))
        return part.cut(await matches(session, case, memory_of(request), reader, language))


@router.post("/{ref}/steps", status_code=201, response_model=ledger.Taken, responses=STEP, openapi_extra=made("Step"))
async def take(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Take a step: one of those that `steps` of the question names."""
    step, needs = step_in(body)
    return await post(once, door.question_of, ref, step, needs, lambda done: (done, f"/api/v1/questions/{ref}/entries"))


@router.post("/{ref}/votes", status_code=201, response_model=ledger.Taken, responses=STEP, openapi_extra=made("vote"))
async def vote(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Vote on a question that is before the committee. A later vote replaces an earlier one."""
    return await post(
        once, door.question_of, ref, "vote", body, lambda done: (done, f"/api/v1/questions/{ref}/entries")
    )


@router.post(
    "/{ref}/trajectories", status_code=201, response_model=shapes.Started, responses=STEP, openapi_extra=made("offer")
)
async def offer(once: DoOnce, ref: Ref, body: Given) -> JSONResponse:
    """Offer the question to an institution: a trajectory comes into being."""

    def started(done: ledger.Taken) -> Made:
        return shapes.Started(ref=done.ref, state=done.state), f"/api/v1/trajectories/{done.ref}"

    return await post(once, door.question_of, ref, "offer", body, started)

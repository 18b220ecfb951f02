"""Asking: four pages, kept after each, then checking the answers, then the confirmation."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import MaybeReader
from intake.carried import carrying, own_files, take_in
from intake.choices import departments, form_options
from intake.fields import fields, read_form, summary, told_faults
from intake.hints import hints_for
from intake.incoming import form_with_files
from intake.language import language_of
from intake.memory import memory_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import Elsewhere, NotFound
from schemas.birth import begin_draft, fill
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.form import OPTIONAL, PAGES, check_page
from schemas.ledger import Letter
from schemas.letters import addressed
from schemas.links import draft_token, read_draft_token, status_token
from schemas.needs import Fault, FaultyNeeds
from schemas.roles import person_named
from schemas.steps import Actor, take_step
from schemas.subjects import Question

router = APIRouter()
LAST = len(PAGES)
Number = Annotated[int, Path(ge=1, le=LAST)]


def draft_id(token: str) -> int:
    """The question that a draft's link is for."""
    found = read_draft_token(token)
    if found is None:
        raise NotFound("draft")
    return found


DraftId = Annotated[int, Depends(draft_id)]


async def draft_of(session: AsyncSession, question_id: int) -> Question:
    """The question while it is a draft. Raises NotFound, or leads on to the confirmation when it has been submitted."""
    question = await session.get(Question, question_id)
    if question is None or question.state == "discarded":
        raise NotFound("draft")
    if question.state != "draft":
        raise Elsewhere(f"/asked/{status_token(question.id, question.submitter_id or 0)}")
    return question


@router.get("/ask")
async def ask(request: Request, reader: MaybeReader) -> Response:
    """What this is, who it is for, how long it takes."""
    return page(request, "ask/start.html", reader, done=request.query_params.get("done"))


@router.post("/ask")
async def begin(request: Request, reader: MaybeReader) -> Response:
    """A new draft; what we know of somebody who is signed in is filled in already."""
    known = {"submitter_name": reader.person.name, "submitter_email": reader.person.email} if reader else {}
    async with writing(request.app.state.engine) as session:
        question = await begin_draft(session, language_of(request, reader), known)
        question.submitter_id = reader.person.id if reader else None
    return RedirectResponse(f"/ask/{draft_token(question.id)}/1", 303)


@router.get("/ask/{token}/check")
async def check(request: Request, reader: MaybeReader, token: str, question_id: DraftId) -> Response:
    """Check your answers."""
    async with reading(request.app.state.engine) as session:
        question = await draft_of(session, question_id)
        missing = next((n for n in range(1, LAST + 1) if _faults(n, question.form)), None)
        if missing:
            return RedirectResponse(f"/ask/{token}/{missing}?again=1", 303)
        return await _check_page(request, reader, session, question, token)


async def _check_page(
    request: Request, reader: Reader | None, session: AsyncSession, question: Question, token: str
) -> Response:
    language = language_of(request, reader)
    options = await form_options(session, request.app.state.cooperation, language)
    parts = [
        {
            "number": number,
            "href": f"/ask/{token}/{number}?back=1",
            "rows": [_answer(one) for one in fields(language, needs, (), question.form, (), options)],
        }
        for number, needs in enumerate(PAGES, start=1)
    ]
    return page(
        request, "ask/check.html", reader, token=token, answers=parts, steps=_progress(token, LAST + 1),
        hints=await hints_for(session, memory_of(request), question, reader, language), form=question.form,
        files=[one.name for one in await own_files(session, question.id, None)],
    )  # fmt: skip


def _answer(field: dict[str, Any]) -> dict[str, Any]:
    labels = {choice["value"]: choice["label"] for choice in field["choices"]}
    value = field["value"] or ""
    return {"label": field["label"], "value": labels.get(value, value), "kind": field["kind"]}


def _progress(token: str, current: int) -> list[dict[str, object]]:
    return [
        {"number": n, "state": "current" if n == current else "done" if n < current else "todo",
         "href": f"/ask/{token}/{n}"}
        for n in range(1, LAST + 2)
    ]  # fmt: skip


@router.post("/ask/{token}/check")
async def submit(request: Request, reader: MaybeReader, token: str, question_id: DraftId) -> Response:
    """Submit. Doing it twice is doing it once: the second time leads to the same confirmation."""
    try:
        async with writing(request.app.state.engine) as session:
            question = await session.get(Question, question_id, with_for_update=True)
            if question is None:
                raise NotFound("draft")
            if question.state == "draft":
                await fill(session, question, question.form)
                await take_step(session, question, "submit", Actor(question.submitter_id))
            where = status_token(question.id, question.submitter_id or 0)
    except FaultyNeeds as error:
        return await _page_at_fault(request, reader, token, question_id, error.faults)
    return RedirectResponse(f"/asked/{where}", 303)


async def _page_at_fault(
    request: Request, reader: Reader | None, token: str, question_id: int, faults: list[Fault]
) -> Response:
    """The first page of the form that has something wrong, with what is wrong."""
    wrong = {fault.field for fault in faults}
    number = next((n for n, needs in enumerate(PAGES, start=1) if wrong & needs.keys()), 1)
    async with reading(request.app.state.engine) as session:
        question = await draft_of(session, question_id)
        return await _form_page(request, reader, session, token, number, question, faults)


@router.post("/ask/{token}/resume")
async def mail_me_the_link(request: Request, reader: MaybeReader, token: str, question_id: DraftId) -> Response:
    """Send the link of this draft to the address given in it."""
    async with writing(request.app.state.engine) as session:
        question = await draft_of(session, question_id)
        email = str(question.form.get("submitter_email") or "")
        if _faults(2, {"submitter_email": email}, "submitter_email"):
            return RedirectResponse(f"/ask/{token}/2?again=1", 303)
        await _owe_draft_link(session, question, email)
    return RedirectResponse(f"/ask/{token}/saved?mailed=1", 303)


async def _owe_draft_link(session: AsyncSession, question: Question, email: str) -> None:
    person = await person_named(session, str(question.form.get("submitter_name") or email), email, question.language)
    question.submitter_id = person.id
    case = await open_case(session, question)
    facts = {"recipient": person.name, "title": question.form.get("title", ""), "draft_id": question.id}
    session.add(Letter(name="resume-draft", facts=facts, question_id=question.id, **addressed(person, case)))


@router.get("/ask/{token}/saved")
async def saved(request: Request, reader: MaybeReader, token: str, question_id: DraftId) -> Response:
    """Where the draft is kept and how to come back to it."""
    async with reading(request.app.state.engine) as session:
        question = await draft_of(session, question_id)
    return page(request, "ask/saved.html", reader, token=token, email=question.form.get("submitter_email"),
                mailed=bool(request.query_params.get("mailed")))  # fmt: skip


@router.get("/ask/{token}/{number}")
async def show(request: Request, reader: MaybeReader, token: str, number: Number, question_id: DraftId) -> Response:
    """One page of the form, with what was typed before."""
    async with reading(request.app.state.engine) as session:
        question = await draft_of(session, question_id)
        faults = _faults(number, question.form) if request.query_params.get("again") else []
        return await _form_page(request, reader, session, token, number, question, faults)


@router.post("/ask/{token}/{number}")
async def keep(request: Request, reader: MaybeReader, token: str, number: Number, question_id: DraftId) -> Response:
    """Keep what was typed, right or wrong; go on when it is right."""
    async with form_with_files(request) as sent:
        typed = read_form(PAGES[number - 1], sent)
        later = "later" in sent
        async with writing(request.app.state.engine) as session:
            question = await draft_of(session, question_id)
            question.form = question.form | typed
            question.title = str(question.form.get("title") or "")[:200]
            question.version += 1
        wrong = await take_in(request, sent, None, question_id) if number == LAST else []
    if wrong:
        async with reading(request.app.state.engine) as session:
            return await _form_page(request, reader, session, token, number, question, [], wrong)
    if later:
        return RedirectResponse(f"/ask/{token}/saved", 303)
    faults = _faults(number, question.form)
    if faults:
        async with reading(request.app.state.engine) as session:
            return await _form_page(request, reader, session, token, number, question, faults)
    onward = "check" if number == LAST or request.query_params.get("back") else str(number + 1)
    return RedirectResponse(f"/ask/{token}/{onward}", 303)


def _faults(number: int, form: dict[str, Any], only: str = "") -> list[Fault]:
    needs = PAGES[number - 1]
    try:
        check_page(number, {name: form.get(name) for name in needs})
    except FaultyNeeds as error:
        return [fault for fault in error.faults if not only or fault.field == only]
    return []


async def _form_page(
    request: Request,
    reader: Reader | None,
    session: AsyncSession,
    token: str,
    number: int,
    question: Question,
    faults: list[Fault],
    wrong: Sequence[tuple[str, Fault]] = (),
) -> Response:
    language = language_of(request, reader)
    carried = await own_files(session, draft_id(token), None) if number == LAST else []
    options = await form_options(session, request.app.state.cooperation, language)
    needs = PAGES[number - 1]
    made = fields(language, needs, needs.keys() - OPTIONAL, question.form, faults, options)
    return page(
        request, "ask/form.html", reader, status=400 if faults or wrong else 200, token=token, number=number,
        fields=made, faults=[*summary(language, made), *told_faults(wrong, language)], last=LAST,
        steps=_progress(token, number), departments=await departments(session),
        hints=await hints_for(session, memory_of(request), question, reader, language),
        back_to_check="?back=1" if request.query_params.get("back") else "", **carrying(carried, None, wrong, language),
    )  # fmt: skip

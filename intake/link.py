"""What a mailed link opens: the full context for one person, and the step it asks for. Looking changes nothing."""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import reader_of
from intake.attached import handed_out
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.taking import Door, post_step, show_step
from intake.telling import told
from intake.trouble import Elsewhere, NotFound
from intake.turns import NOTHING, turn_of
from intake.ways import way_of, ways_for
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.facts import given_in_words
from schemas.ledger import Letter
from schemas.letters import addressed
from schemas.links import read_letter_token, read_status_token
from schemas.moment import now
from schemas.needs import WAYS
from schemas.parties import Person
from schemas.rules import Role
from schemas.settings import settings
from schemas.subjects import Question, Subject, Trajectory

router = APIRouter()
# Their letters lead to the desk: a mailed link should not carry the keys of a whole process.
BY_THE_DESK = {Role.COORDINATOR, Role.ADMIN, Role.PRIVACY, Role.EXECUTIVE}
NEXT = {"declined", "lapsed"}  # letters after which somebody else is asked
AGAIN_AFTER = timedelta(minutes=10)


async def letter_of(request: Request, token: str) -> Letter:
    """The letter that a link came in. Raises NotFound for a link that we did not make."""
    letter_id = read_letter_token(token)
    async with reading(request.app.state.engine) as session:
        letter = await session.get(Letter, letter_id) if letter_id else None
    if letter is None or letter.question_id is None:
        raise NotFound("link")
    return letter


LinkLetter = Annotated[Letter, Depends(letter_of)]


def _subject(letter: Letter) -> tuple[type[Subject], int]:
    if letter.trajectory_id:
        return Trajectory, letter.trajectory_id
    return Question, letter.question_id or 0


async def _holder(session: AsyncSession, letter: Letter) -> Reader:
    reader = await reader_of(session, letter.recipient_id)
    if reader is None:
        raise NotFound("link")
    # The link is for what the letter was about: other roles of the same person stay at home.
    return replace(reader, held=tuple(one for one in reader.held if one.role == letter.role))


@router.get("/l/{token}")
async def open_link(request: Request, token: str, letter: LinkLetter) -> Response:
    """The context, and one button for each step that is open to the recipient."""
    table, subject_id = _subject(letter)
    async with reading(request.app.state.engine) as session:
        subject: Any = await session.get_one(table, subject_id)
        question = await session.get_one(Question, letter.question_id)
        if letter.role in BY_THE_DESK:
            ref = subject.ref
            if letter.name in NEXT:  # a no: on that page it stands whose turn it is, with one button
                raise Elsewhere(f"/questions/{question.ref}/offers")
            raise Elsewhere(f"/{'trajectories' if table is Trajectory else 'questions'}/{ref}")
        reader = await _holder(session, letter)
        if letter.expires_at and letter.expires_at < now():
            return page(request, "link/expired.html", None, guest=reader, status=410, token=token, question=question)
        case = await open_case(session, subject)
        language = language_of(request, reader)
        only = subject if isinstance(subject, Trajectory) else None
        context = await told(case, reader, language, only=only, base=f"/l/{token}/files")
        turn = await turn_of(case, reader, f"/l/{token}", language)
        waits, turn = (turn.task, NOTHING) if letter.used_at else ("", turn)
        return page(
            request, "link/open.html", None, guest=reader, **context, base=f"/l/{token}", letter=letter,
            holder=reader.person, token=token, waits=waits, turn=turn, only_trajectory=only is not None,
            done=request.query_params.get("done"),
            agreement=list((await given_in_words(case, only.agreement, language)).values()) if only else [],
            result=list((await given_in_words(case, only.result, language)).values()) if only else [],
            ways=[] if letter.used_at else await ways_for(case, reader, f"/l/{token}", language),
        )  # fmt: skip


async def _door(request: Request, token: str, letter: Letter) -> Door:
    if letter.used_at or letter.role in BY_THE_DESK or (letter.expires_at and letter.expires_at < now()):
        raise Elsewhere(f"/l/{token}")
    async with reading(request.app.state.engine) as session:
        reader = await _holder(session, letter)
    table, subject_id = _subject(letter)
    return Door(reader, table, subject_id, f"/l/{token}", letter_id=letter.id)


@router.get("/l/{token}/steps/{step}")
async def step_form(request: Request, token: str, step: str, letter: LinkLetter) -> Response:
    """The page of one step."""
    return await show_step(request, await _door(request, token, letter), step)


@router.post("/l/{token}/steps/{step}")
async def step_taken(request: Request, token: str, step: str, letter: LinkLetter) -> Response:
    """Take it, and the link is used up."""
    return await post_step(request, await _door(request, token, letter), step)


@router.get("/l/{token}/files/{file_id}")
async def file_of_link(request: Request, token: str, file_id: int, letter: LinkLetter) -> Response:
    """A file, to be saved, for whoever holds the link while it is valid."""
    if letter.role in BY_THE_DESK:
        raise Elsewhere(f"/files/{file_id}")
    if letter.expires_at and letter.expires_at < now():
        raise Elsewhere(f"/l/{token}")
    table, subject_id = _subject(letter)
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await session.get_one(table, subject_id))
        return await handed_out(request, case, await _holder(session, letter), file_id)


@router.post("/l/{token}/new")
async def new_link(request: Request, token: str, letter: LinkLetter) -> Response:
    """Mail a fresh link to the address the old one went to; a second request soon after sends nothing more."""
    async with writing(request.app.state.engine) as session:
        question = await session.get_one(Question, letter.question_id)
        person = await session.get_one(Person, letter.recipient_id)
        old = await session.get_one(Letter, letter.id, with_for_update=True)
        await _holder(session, old)  # who has left gets none
        if old.facts.get("renewed_at", "") < (now() - AGAIN_AFTER).isoformat():
            case = await open_case(session, question)
            old.facts = old.facts | {"renewed_at": now().isoformat()}
            until = (case.today + timedelta(days=settings().link_days)).isoformat()
            session.add(
                Letter(name="new-link", role=letter.role, question_id=question.id, trajectory_id=letter.trajectory_id,
                       facts=old.facts | {"link_expires": until}, **addressed(person, case))
            )  # fmt: skip
    return RedirectResponse(f"/l/{token}/sent", 303)


@router.get("/l/{token}/sent")
async def sent(request: Request, token: str, letter: LinkLetter) -> Response:
    """A new link is on its way."""
    return page(request, "link/sent.html", None, letter=letter)


@router.get("/l/{token}/ways/{way}")
async def way_chosen(request: Request, token: str, way: str, letter: LinkLetter) -> Response:
    """Leads on from a letter about what did not go ahead: to a form that is filled in already."""
    if way not in WAYS or letter.trajectory_id is None:
        raise NotFound("link")
    if letter.role not in BY_THE_DESK:
        raise Elsewhere(f"/l/{token}/steps/choose_way?way={way}")
    async with reading(request.app.state.engine) as session:
        attempt = await session.get_one(Trajectory, letter.trajectory_id)
        raise Elsewhere(way_of(attempt, await session.get_one(Question, letter.question_id), way))


@router.get("/s/{token}")
async def status(request: Request, token: str) -> Response:
    """Where a question stands, for whoever holds this link; nothing can be done here."""
    found = read_status_token(token)
    if found is None:
        raise NotFound("link")
    async with reading(request.app.state.engine) as session:
        question = await session.get(Question, found[0])
        reader = await reader_of(session, found[1])
        if question is None or question.ref is None or reader is None:
            raise NotFound("link")
        case = await open_case(session, question)
        outsider = Reader(reader.person, ())  # the link is not proof of any role in an organisation
        context = await told(case, outsider, language_of(request, reader), base=None)
        return page(request, "link/status.html", None, guest=reader, **context, holder=reader.person, token=token)

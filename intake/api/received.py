"""Messages that came in: those on a question, the list of all, and what those who see to the mail do about one."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.api import door, shapes
from intake.api.actions import action_asked, action_body
from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language, Ref
from intake.api.lists import Parts, Whole
from intake.api.once import DoOnce, Made
from intake.api.problems import Refused, no_such
from intake.mail_care import cares
from intake.one_received import MODELS, act, found
from intake.received import Seen, listed, on_question
from intake.received_words import state_words
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.mail import TooLate

router = APIRouter(tags=["mail"], responses=refusals(401, 403))
Given = Annotated[dict[str, Any], Body()]
Which = Literal["loose", "unread", "all"]
Number = Annotated[int, Path(description="The `id` of a message.")]
ACTION = action_body("MessageAction", MODELS, "message", "`question` (a reference) for attach; else nothing.")


class File(BaseModel):
    """A file that came with a message. It is not kept."""

    name: str
    size: int


class Message(BaseModel):
    """A message that came in, as text. `writer` is null where it is not certain who wrote it.

    `kind` is reply, automatic, bounce, report, loop or unreadable; `state` is new, read, aside or kept (needs nobody).
    """

    id: int
    kind: str
    state: str
    question: str | None
    perhaps: str | None = Field(description="A question that the message names, where that alone is not believed.")
    letter: int | None = Field(description="The letter that it is about.")
    writer: str | None
    from_name: str
    from_email: str
    subject: str
    text: str
    quoted: str
    files: list[File]
    size: int
    cut: bool
    at: datetime
    settled_by: str | None
    settled_at: datetime | None
    removed_by: str | None
    removed_at: datetime | None


PLAIN = {"id", "kind", "state", "from_name", "from_email", "subject", "text", "quoted", "size", "cut", "at",
         "settled_at", "removed_at"}  # fmt: skip


def shape(seen: Seen) -> Message:
    """A message as an answer."""
    return Message(
        **seen.row.model_dump(include=PLAIN), files=[File(**one) for one in seen.row.files],
        question=seen.question.ref if seen.question else None, perhaps=seen.maybe.ref if seen.maybe else None,
        letter=seen.letter.id if seen.letter and seen.letter.name != "sign-in" else None, writer=seen.writer or None,
        settled_by=seen.by or None, removed_by=seen.remover or None,
    )  # fmt: skip


@router.get("/questions/{ref}/replies", responses=refusals(400, 404))
async def replies(request: Request, reader: ApiReader, ref: Ref, part: Whole) -> shapes.Page[Message]:
    """What was answered to letters about a question, oldest first; empty for who does not read that."""
    async with reading(request.app.state.engine) as session:
        case = await open_case(session, await door.question_of(session, reader, ref))
        return part.cut([shape(one) for one in await on_question(case, reader)])


@router.get("/received", responses=refusals(400))
async def messages(
    request: Request, reader: ApiReader, language: Language, part: Parts,
    which: Annotated[Which, Query(description="`loose`: belongs to no question yet.")] = "all",
) -> shapes.Page[Message]:  # fmt: skip
    """What came in, the latest first."""
    if not cares(reader):
        raise NotForYou
    async with reading(request.app.state.engine) as session:
        rows, total = await listed(session, which, part.size, part.offset)
        return part.of([shape(one) for one in rows], total)


@router.get("/received/{number}", responses=refusals(404))
async def one(request: Request, reader: ApiReader, language: Language, number: Number) -> Message:
    """One message."""
    async with reading(request.app.state.engine) as session:
        seen = await found(session, reader, number)
    if seen is None:
        raise no_such(str(number))
    return shape(seen)


@router.post(
    "/received/{number}/actions", status_code=201, response_model=Message, responses=refusals(400, 404, 409),
    openapi_extra=made(ACTION),
)  # fmt: skip
async def do(once: DoOnce, number: Number, body: Given) -> JSONResponse:
    """Mark a message as read, attach it to a question, or put it aside."""
    action, needs = action_asked(body, MODELS)

    async def work(session: AsyncSession) -> Made:
        seen = await act(session, once.reader, number, action, needs)
        if seen is None:
            raise no_such(str(number))
        return shape(seen), f"/api/v1/received/{number}"

    try:
        return await once.do(work)
    except TooLate:
        async with reading(once.request.app.state.engine) as session:
            seen = await found(session, once.reader, number)
        state = seen.row.state if seen else ""
        raise Refused("message-moved-on", 409, state=state, state_label=state_words(seen.row) if seen else "") from None


@router.delete("/received/{number}", responses=refusals(404))
async def taken_away(request: Request, reader: ApiReader, language: Language, number: Number) -> Message:
    """Remove the words of a message; that it came in stays."""
    async with writing(request.app.state.engine) as session:
        seen = await act(session, reader, number, "remove", {})
    if seen is None:
        raise no_such(str(number))
    return shape(seen)

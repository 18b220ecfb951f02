"""What those who see to the mail do about a letter: shown first, then done, and kept with their name."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader, NotForYou
from intake.fields import message
from intake.language import language_of
from intake.letter import about, letter_for
from intake.mail_care import NEEDS, act, actions_for, cares
from intake.pages import page
from intake.preview import letter_text, subject_of
from intake.sight import Reader
from intake.trouble import Elsewhere, NotFound
from schemas import mail
from schemas.database import reading, writing
from schemas.letter_texts import own_texts
from schemas.needs import Fault, FaultyNeeds

router = APIRouter()


@router.get("/letters/{letter_id}/{action}")
async def ask(request: Request, reader: KnownReader, letter_id: int, action: str) -> Response:
    """What an action would do, and its button."""
    return await _ask(request, reader, letter_id, action, {}, [])


async def _ask(
    request: Request, reader: Reader, letter_id: int, action: str, typed: dict[str, str], faults: list[Fault]
) -> Response:
    if action not in NEEDS:
        raise NotFound("page")
    if not cares(reader):
        raise NotForYou
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        row = await letter_for(session, reader, letter_id)
        if action not in await actions_for(session, reader, row):
            if row.state in mail.OPEN_TO[action]:
                raise NotForYou
            raise Elsewhere(f"/letters/{letter_id}?late=1")
        context = await about(session, row)
        owed = await mail.still_owed_to(session, row.recipient_id) if action == "address" else []
        own = await own_texts(session, {one.name for one in (row, *owed)})
    said = {fault.field: message(language, fault) for fault in faults}
    subject, text = letter_text(row, own)
    shown = [{"href": f"#{name}", "text": one} for name, one in said.items()]
    return page(
        request, "letter_action.html", reader, status=400 if faults else 200, action=action, **context, typed=typed,
        owed=[(one.id, subject_of(one, own)) for one in owed if one.id != row.id], said=said, subject=subject,
        text=text, fresh=row.state in mail.MAY_HAVE_ARRIVED, faults=shown,
    )  # fmt: skip


@router.post("/letters/{letter_id}/{action}")
async def do(request: Request, reader: KnownReader, letter_id: int, action: str) -> Response:
    """Do it: a person's decision, kept with their name."""
    if action not in NEEDS:
        raise NotFound("page")
    async with request.form() as sent:
        typed = {name: str(sent.get(name, "")).replace("\x00", "").strip() for name in NEEDS[action]}
    try:
        async with writing(request.app.state.engine) as session:
            if await act(session, reader, letter_id, action, typed) is None:
                raise NotFound("letter")
    except FaultyNeeds as error:
        return await _ask(request, reader, letter_id, action, typed, error.faults)
    except mail.TooLate:
        return RedirectResponse(f"/letters/{letter_id}?late=1", 303)
    return RedirectResponse(f"/letters/{letter_id}?done={action}", 303)

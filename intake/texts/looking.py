"""Looking at what was written: as a letter, on a real question; then a trial to oneself, or putting it live."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.fields import message
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.texts.acting import LONGEST_WHY, go_live, keep, standing, try_out
from intake.texts.examples import choices, on_paper, seen_with
from intake.texts.occasions import title_of
from intake.texts.overview import names_of
from intake.texts.standing import SPOKEN, Standing, check_author, faults_in, remarks_on, told
from intake.trouble import Elsewhere
from notifications.gallery import roles
from schemas.database import reading, writing
from schemas.letter_drafts import LetterTextDraft, TextMovedOn, draft_of
from schemas.needs import Fault, FaultyNeeds

router = APIRouter(prefix="/texts/{name}")
# The letter as a mail program shows it: its own styles, and nothing that runs, is fetched or leads away.
PAPER = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
    "X-Frame-Options": "SAMEORIGIN", "Cache-Control": "no-store",
}  # fmt: skip


@router.get("/paper/{language}")
async def paper(request: Request, reader: KnownReader, name: str, language: str) -> Response:
    """The letter in HTML, for a frame: one's draft, or with `live` what is sent now."""
    check_author(reader, name)
    language = language if language in SPOKEN else SPOKEN[0]
    async with reading(request.app.state.engine) as session:
        known = await standing(session, name)
        draft = None if "live" in request.query_params else await draft_of(session, name, reader.person.id)
        seen = await seen_with(session, name, request.query_params.get("on", ""), language)
    texts = known.texts | (draft.texts if draft else {})
    if faults_in(name, texts):
        texts = Standing(name, None).texts
    return HTMLResponse(on_paper(name, language, texts[language], seen).html, headers=PAPER)


@router.get("/look")
async def look(request: Request, reader: KnownReader, name: str) -> Response:
    """The draft as letters."""
    check_author(reader, name)
    return await _look(request, reader, name, "", [])


async def _look(request: Request, reader: Reader, name: str, why: str, faults: list[Fault]) -> Response:
    language, on = language_of(request, reader), request.query_params.get("on", "")
    async with reading(request.app.state.engine) as session:
        draft, known = await _draft(session, reader, name), await standing(session, name)
        real = await choices(session, name)
        seen = {one: await seen_with(session, name, on or (real[0].key if real else ""), one) for one in SPOKEN}
        names = await names_of(session, [known.live.author_id] if known.live else [])
    said = {fault.field: message(language, fault) for fault in faults}
    changed = [one for one in SPOKEN if draft.texts[one] != known.texts[one]]
    return page(
        request, "texts/look.html", reader, status=400 if faults else 200, known=known, draft=draft, names=names,
        title=title_of(name, language), spoken=changed or SPOKEN, changed=changed, seen=seen, real=real, why=why,
        said=said, papers={one: on_paper(name, one, draft.texts[one], seen[one]) for one in SPOKEN}, roles=roles(name),
        remarks=told(remarks_on(name, draft.texts), draft.texts, language), late=draft.base != known.version,
        on=seen[SPOKEN[0]].key, longest=LONGEST_WHY, done=request.query_params.get("done"),
        faults=[{"href": f"#{field}", "text": text} for field, text in said.items()],
    )  # fmt: skip


async def _draft(session: AsyncSession, reader: Reader, name: str) -> LetterTextDraft:
    """One's draft, sound. Leads back to the form where it is not, and to the letter where there is none."""
    draft = await draft_of(session, name, reader.person.id)
    if draft is None:
        raise Elsewhere(f"/texts/{name}")
    if draft.texts.keys() != set(SPOKEN) or faults_in(name, draft.texts):  # a release may bring a language
        raise Elsewhere(f"/texts/{name}/edit?look=1")
    return draft


@router.post("/live")
async def live(request: Request, reader: KnownReader, name: str) -> Response:
    """Put the draft live."""
    check_author(reader, name)
    async with request.form() as sent:
        why = str(sent.get("why", "")).replace("\x00", "")
    try:
        async with writing(request.app.state.engine) as session:
            draft = await _draft(session, reader, name)
            await go_live(session, reader, name, draft.texts, draft.base, why)
    except FaultyNeeds as error:
        return await _look(request, reader, name, why, _at_the_form(error.faults))
    except TextMovedOn:
        return RedirectResponse(f"/texts/{name}/look", 303)  # which tells of it
    return RedirectResponse(f"/texts/{name}?done=live", 303)


def _at_the_form(faults: list[Fault]) -> list[Fault]:
    return [fault if fault.field == "why" else Fault("why", fault.code, fault.limit) for fault in faults[:1]]


@router.post("/go-on")
async def go_on(request: Request, reader: KnownReader, name: str) -> Response:
    """Go on with one's draft, having seen the version that came between."""
    check_author(reader, name)
    async with request.form() as sent:
        seen = str(sent.get("version", ""))
    async with writing(request.app.state.engine) as session:
        draft = await draft_of(session, name, reader.person.id)
        if draft and seen.isdecimal() and len(seen) < 9:
            await keep(session, reader, name, draft.texts, int(seen), draft.why)
    return RedirectResponse(f"/texts/{name}/look", 303)


@router.post("/trial")
async def trial(request: Request, reader: KnownReader, name: str) -> Response:
    """Send the draft to oneself."""
    check_author(reader, name)
    async with request.form() as sent:
        asked: dict[str, Any] = {key: str(sent.get(key, "")) for key in ("language", "on")}
    try:
        async with writing(request.app.state.engine) as session:
            draft = await _draft(session, reader, name)
            language = asked["language"] if asked["language"] in SPOKEN else SPOKEN[0]
            seen = await seen_with(session, name, asked["on"], language)
            await try_out(session, reader, name, language, draft.texts[language], seen)
    except FaultyNeeds as error:
        return await _look(request, reader, name, "", _at_the_form(error.faults))
    return RedirectResponse(f"/texts/{name}/look?done=trial", 303)

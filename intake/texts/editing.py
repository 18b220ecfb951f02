"""Writing: the form with all languages, checked line by line; what was written is kept whatever state it is in."""

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from intake.access import KnownReader
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.texts.acting import keep, standing
from intake.texts.occasions import title_of
from intake.texts.overview import names_of
from intake.texts.standing import SPOKEN, check_author, faults_in, remarks_on, told
from intake.texts.wording import explained
from notifications.checking import plain
from schemas.database import reading, writing
from schemas.letter_drafts import drafts_of, throw_away
from schemas.needs import Fault, FaultyNeeds

router = APIRouter(prefix="/texts/{name}")


@router.get("/edit")
async def form(request: Request, reader: KnownReader, name: str) -> Response:
    """The form, with one's draft or the texts as they are; `look` tells what is wrong with the draft."""
    check_author(reader, name)
    return await _form(request, reader, name, None, [], look="look" in request.query_params)


@router.post("/edit")
async def written(request: Request, reader: KnownReader, name: str) -> Response:
    """Keep it, and look at it."""
    check_author(reader, name)
    async with request.form() as sent:
        typed, base, look = _texts(sent), str(sent.get("base", "")), str(sent.get("do", "look")) == "look"
    try:
        async with writing(request.app.state.engine) as session:
            known = await standing(session, name)
            base_version = int(base) if base.isdecimal() and len(base) < 9 else known.version
            draft = await keep(session, reader, name, typed, base_version, "")
    except FaultyNeeds as error:
        return await _form(request, reader, name, typed, error.faults, look=False)
    if not look:
        return RedirectResponse(f"/texts/{name}?done=kept", 303)
    if faults := faults_in(name, draft.texts):
        return await _form(request, reader, name, typed, faults, look=True)
    return RedirectResponse(f"/texts/{name}/look", 303)


def _texts(sent: FormData) -> dict[str, str]:
    return {language: str(sent[language]).replace("\x00", "") for language in SPOKEN if language in sent}


async def _form(
    request: Request, reader: Reader, name: str, typed: Mapping[str, str] | None, faults: list[Fault], *, look: bool
) -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        known = await standing(session, name)
        drafts = await drafts_of(session, name)
        names = await names_of(session, [one.author_id for one in drafts])
    mine = next((one for one in drafts if one.author_id == reader.person.id), None)
    texts = (
        known.texts | (dict(mine.texts) if mine else {}) | ({k: plain(v) for k, v in typed.items()} if typed else {})
    )
    if look and not faults:
        faults = faults_in(name, texts)
    wrong = told(faults, texts, language)
    hard = told(remarks_on(name, texts), texts, language) if look and not faults else told([], {}, language)
    summary = [
        {"href": f"#{one}", "language": one, "line": fault["line"], "text": fault["text"]}
        for one in SPOKEN
        for fault in wrong[one]
    ]
    return page(
        request, "texts/edit.html", reader, status=400 if faults else 200, known=known, title=title_of(name, language),
        texts=texts, wrong=wrong, hard=hard, faults=summary, spoken=SPOKEN, explained=explained(name, language),
        base=mine.base if mine else known.version, draft=mine,
        others=[(names[one.author_id], one.at) for one in drafts if one is not mine],
    )  # fmt: skip


@router.post("/discard")
async def discarded(request: Request, reader: KnownReader, name: str) -> Response:
    """Throw one's draft away."""
    check_author(reader, name)
    async with writing(request.app.state.engine) as session:
        await throw_away(session, name, reader.person.id)
    return RedirectResponse(f"/texts/{name}?done=discarded", 303)

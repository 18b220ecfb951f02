"""The texts of letters through the API: reading, checking, writing, trying, putting live, bringing back."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Request
from fastapi.responses import JSONResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api import shapes
from intake.api.answers import made, refusals
from intake.api.door import ApiReader, Language
from intake.api.faults import not_asked, told
from intake.api.lists import Whole
from intake.api.once import DoOnce, Made
from intake.api.problems import Refused
from intake.api.text_shapes import Checked, Shown, TextRow, TextWhole, Told, Trial, row_of, whole_of
from intake.sight import Reader
from intake.texts.acting import bring_back, go_live, keep, sound, standing, try_out
from intake.texts.examples import on_paper, seen_with
from intake.texts.occasions import by_section
from intake.texts.standing import SPOKEN, Standing, check_author, faults_in, remarks_on
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.letter_drafts import TextMovedOn, throw_away
from schemas.letter_texts import live_versions
from schemas.needs import Fault, FaultyNeeds

router = APIRouter(prefix="/texts", tags=["texts"], responses=refusals(401, 403))
Given = Annotated[dict[str, Any], Body()]
Name = Annotated[str, Path(description="The name of a letter, such as `accepted`.")]
TEXTS = {"type": "object", "properties": {one: {"type": "string"} for one in SPOKEN}, "additionalProperties": False,
         "description": "By language; one that is left out stays as it is."}  # fmt: skip
BASE = {"type": "integer", "minimum": 0, "description": "The version that you have seen; 0 when there was none."}
ON = {"type": "string", "description": "`example:ROLE`, or the number of a letter of this kind."}
CHECK = {"title": "CheckTexts", "type": "object", "properties": {"texts": TEXTS, "on": ON}}
DRAFT = {"title": "DraftTexts", "type": "object", "required": ["texts"], "properties": {"texts": TEXTS, "base": BASE}}
VERSION = {
    "title": "NewVersion", "type": "object", "required": ["base"],
    "properties": {
        "texts": TEXTS, "why": {"type": "string"}, "base": BASE,
        "restore": {"type": "integer", "description": "Instead of texts: a version to bring back, or 0."},
    },
}  # fmt: skip
TRIAL = {"title": "TrialLetter", "type": "object", "required": ["language"],
         "properties": {"language": {"enum": list(SPOKEN)}, "text": {"type": "string"}, "on": ON}}  # fmt: skip


def _letter(reader: Reader, name: str) -> None:
    try:
        check_author(reader, name)
    except NotFound:
        raise Refused("not-found", 404, ref=name) from None


@router.get("", responses=refusals(400))
async def listed(request: Request, reader: ApiReader, language: Language, part: Whole) -> shapes.Page[TextRow]:
    """All letters."""
    check_author(reader)
    async with reading(request.app.state.engine) as session:
        live = await live_versions(session)
    names = [name for names in by_section(language).values() for name in names]
    return part.cut([TextRow(**row_of(Standing(name, live.get(name)), language)) for name in names])


@router.get("/{name}", responses=refusals(404))
async def one(request: Request, reader: ApiReader, language: Language, name: Name) -> TextWhole:
    """One letter with its texts."""
    _letter(reader, name)
    async with reading(request.app.state.engine) as session:
        return await whole_of(session, reader, name, language)


@router.post("/{name}/checks", responses=refusals(400, 404), openapi_extra=made(CHECK))
async def checked(request: Request, reader: ApiReader, language: Language, name: Name, body: Given) -> Checked:
    """Everything that is wrong with texts, by line, and what they would look like. Keeps nothing."""
    _letter(reader, name)
    async with reading(request.app.state.engine) as session:
        texts = sound(name, _texts(body, {"texts", "on"}), (await standing(session, name)).texts)
        seen = {one: await seen_with(session, name, str(body.get("on", "")), one) for one in SPOKEN}
    faults = faults_in(name, texts)
    letters = {} if faults else {one: on_paper(name, one, texts[one], seen[one]) for one in SPOKEN}
    return Checked(
        faults=[Told(**told(language, one)) for one in faults],
        remarks=[] if faults else [Told(**told(language, one)) for one in remarks_on(name, texts)],
        letters={key: Shown(subject=one.subject, text=one.text, html=one.html) for key, one in letters.items()},
    )  # fmt: skip


@router.post("/{name}/drafts", status_code=201, response_model=TextWhole, responses=refusals(400, 404, 409),
             openapi_extra=made(DRAFT))  # fmt: skip
async def drafted(once: DoOnce, name: Name, body: Given) -> JSONResponse:
    """Keep what you have written so far, sound or not."""
    _letter(once.reader, name)

    async def work(session: AsyncSession) -> Made:
        given = _texts(body, {"texts", "base"})
        base = _base(body, (await standing(session, name)).version)
        await keep(session, once.reader, name, given, base, "")
        return await whole_of(session, once.reader, name, once.language), f"/api/v1/texts/{name}"

    return await once.do(work)


@router.delete("/{name}/drafts", responses=refusals(404))
async def discarded(request: Request, reader: ApiReader, language: Language, name: Name) -> TextWhole:
    """Throw away what you were writing."""
    _letter(reader, name)
    async with writing(request.app.state.engine) as session:
        await throw_away(session, name, reader.person.id)
        return await whole_of(session, reader, name, language)


@router.post("/{name}/versions", status_code=201, response_model=TextWhole, responses=refusals(400, 404, 409),
             openapi_extra=made(VERSION))  # fmt: skip
async def put(once: DoOnce, name: Name, body: Given) -> JSONResponse:
    """Put texts live, or bring an earlier version back."""
    _letter(once.reader, name)

    async def work(session: AsyncSession) -> Made:
        given, known = _texts(body, {"texts", "why", "base", "restore"}), await standing(session, name)
        base, why = _base(body, None), body.get("why", "")
        if not isinstance(why, str):
            raise FaultyNeeds([Fault("why", "wrong")])
        if (back := body.get("restore")) is not None:
            if not isinstance(back, int) or given:
                raise FaultyNeeds([Fault("restore", "wrong")])
            await bring_back(session, once.reader, name, back, base, why)
        else:
            await go_live(session, once.reader, name, sound(name, given, known.texts), base, why)
        return await whole_of(session, once.reader, name, once.language), f"/api/v1/texts/{name}"

    try:
        return await once.do(work)
    except TextMovedOn:
        async with reading(once.request.app.state.engine) as session:
            version = (await standing(session, name)).version
        raise Refused("text-moved-on", 409, version=version) from None


@router.post("/{name}/trials", status_code=201, response_model=Trial, responses=refusals(400, 404, 409),
             openapi_extra=made(TRIAL))  # fmt: skip
async def tried(once: DoOnce, name: Name, body: Given) -> JSONResponse:
    """Send yourself the letter, with a text of yours or the one that is live; its links do nothing."""
    _letter(once.reader, name)

    async def work(session: AsyncSession) -> Made:
        language = body.get("language")
        if language not in SPOKEN:
            raise FaultyNeeds([Fault("language", "not_a_choice" if language else "missing")])
        known = (await standing(session, name)).texts
        text = sound(name, {language: body.get("text", known[language])}, known)[language]
        seen = await seen_with(session, name, str(body.get("on", "")), language)
        letter = await try_out(session, once.reader, name, language, text, seen)
        return Trial(letter=letter.id, email=letter.email), "/api/v1/mail"

    return await once.do(work)


def _texts(body: Mapping[str, Any], known: set[str]) -> Mapping[str, Any]:
    faults = not_asked(body, known)
    texts = body.get("texts", {})
    faults += [] if isinstance(texts, dict) else [Fault("texts", "wrong")]
    if faults:
        raise FaultyNeeds(faults)
    return dict(texts)


def _base(body: Mapping[str, Any], otherwise: int | None) -> int:
    base = body.get("base", otherwise)
    if not isinstance(base, int) or isinstance(base, bool) or not 0 <= base < 2**31:
        raise FaultyNeeds([Fault("base", "missing" if base is None else "wrong")])
    return base

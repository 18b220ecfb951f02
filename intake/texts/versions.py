"""Versions that were: what changed in each, and bringing one back with one press."""

from collections.abc import Iterator
from difflib import SequenceMatcher

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from intake.access import KnownReader
from intake.fields import message
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.texts.acting import bring_back, standing
from intake.texts.occasions import title_of
from intake.texts.overview import names_of
from intake.texts.standing import SPOKEN, Texts, check_author, release_of
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.letter_drafts import TextMovedOn
from schemas.letter_texts import versions_of
from schemas.needs import Fault, FaultyNeeds

router = APIRouter(prefix="/texts/{name}")
AROUND = 2  # lines that stayed, shown around those that changed


def changes(before: str, after: str) -> Iterator[tuple[str, int, str]]:
    """Line by line: `same`, `gone`, `new` or `cut`, with its number in the text after (before, for what is gone)."""
    old, new = before.split("\n"), after.split("\n")
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(AROUND):
        yield "cut", group[0][3] + 1, ""
        for kind, old_at, old_end, new_at, new_end in group:
            if kind == "equal":
                yield from (("same", at + 1, new[at]) for at in range(new_at, new_end))
                continue
            yield from (("gone", at + 1, old[at]) for at in range(old_at, old_end))
            yield from (("new", at + 1, new[at]) for at in range(new_at, new_end))


def compared(before: Texts, after: Texts) -> dict[str, list[tuple[str, int, str]]]:
    """What changed, by language."""
    return {one: list(changes(before[one], after[one])) for one in SPOKEN if before[one] != after[one]}


@router.get("/versions/{number}")
async def version(request: Request, reader: KnownReader, name: str, number: int) -> Response:
    """One version: who, when, why, and what changed; 0 is the release's text."""
    check_author(reader, name)
    return await _version(request, reader, name, number, [])


async def _version(request: Request, reader: Reader, name: str, number: int, faults: list[Fault]) -> Response:
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        known, rows = await standing(session, name), await versions_of(session, name)
        names = await names_of(session, [one.author_id for one in rows])
    found = next((one for one in rows if one.version == number), None)
    if found is None and number != 0:
        raise NotFound("page")
    before = next((one for one in rows if one.version == number - 1), None)
    release = release_of(name)
    texts = release | (found.texts if found else {})
    # What a version took the place of: the one before it, where that said nothing the release's text of that time.
    then = release | (found.release if found else {}) | (before.texts if before else {})
    said = [message(language, fault) for fault in faults]
    return page(
        request, "texts/version.html", reader, status=400 if faults else 200, known=known, number=number, found=found,
        names=names, title=title_of(name, language), texts=texts, now=known.texts,
        steps=compared(then, texts) if found else {}, since=compared(texts, known.texts),
        faults=[{"href": "#restore", "text": text} for text in said], spoken=SPOKEN,
    )  # fmt: skip


@router.get("/release")
async def release(request: Request, reader: KnownReader, name: str) -> Response:
    """What the release changed since the city made its text, beside what the city has."""
    check_author(reader, name)
    async with reading(request.app.state.engine) as session:
        known = await standing(session, name)
    now = release_of(name)
    moved = {one: list(changes(then, now[one])) for one, then in known.moved.items()}
    return page(request, "texts/release.html", reader, known=known, moved=moved, now=now, own=known.texts,
                title=title_of(name, language_of(request, reader)),
                differences=compared(known.texts, now))  # fmt: skip


@router.post("/restore")
async def restored(request: Request, reader: KnownReader, name: str) -> Response:
    """Bring a version back."""
    check_author(reader, name)
    async with request.form() as sent:
        given = [str(sent.get(key, "")) for key in ("version", "base")]
    number, base = (int(one) if one.isdecimal() and len(one) < 9 else -1 for one in given)
    try:
        async with writing(request.app.state.engine) as session:
            await bring_back(session, reader, name, number, base)
    except FaultyNeeds as error:
        return await _version(request, reader, name, number, error.faults[:1])
    except TextMovedOn:
        return RedirectResponse(f"/texts/{name}?late=1", 303)
    return RedirectResponse(f"/texts/{name}?done=restored", 303)

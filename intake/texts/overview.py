"""All letters with when they go and to whom; one letter with its texts, what it may say, and its history."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.language import language_of, speaking
from intake.pages import page
from intake.texts.examples import choices, on_paper, seen_with
from intake.texts.occasions import by_section, occasions, title_of
from intake.texts.standing import SPOKEN, Standing, check_author
from intake.texts.wording import explained
from schemas.database import reading
from schemas.letter_drafts import drafts_of
from schemas.letter_texts import live_versions, versions_of
from schemas.parties import Person

router = APIRouter(prefix="/texts")


@router.get("")
async def listed(request: Request, reader: KnownReader) -> Response:
    """Every letter."""
    check_author(reader)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        live = await live_versions(session)
        drafts = {one.letter for one in await drafts_of(session) if one.author_id == reader.person.id}
    with speaking(language):
        sections = {
            name: [_row(Standing(one, live.get(one)), language, one in drafts) for one in letters]
            for name, letters in by_section(language).items()
        }
    return page(request, "texts/list.html", reader, sections=sections)


def _row(one: Standing, language: str, draft: bool) -> dict[str, Any]:
    return {"name": one.name, "title": title_of(one.name, language), "occasions": occasions(one.name, language),
            "own": bool(one.own), "moved": bool(one.moved), "broken": bool(one.broken), "draft": draft}  # fmt: skip


@router.get("/{name}")
async def one(request: Request, reader: KnownReader, name: str) -> Response:
    """One letter: its texts in every language."""
    check_author(reader, name)
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        known = Standing(name, (await live_versions(session, [name])).get(name))
        rows = await versions_of(session, name)
        drafts = await drafts_of(session, name)
        names = await names_of(session, [*(row.author_id for row in rows), *(row.author_id for row in drafts)])
        real = await choices(session, name)
        seen = {spoken: await seen_with(session, name, real[0].key if real else "", spoken) for spoken in SPOKEN}
    mine = next((row for row in drafts if row.author_id == reader.person.id), None)
    # A text that a new release has made unsound is not sent: shown is what is.
    texts = {
        spoken: known.texts[spoken] if not known.broken else Standing(name, None).texts[spoken] for spoken in SPOKEN
    }
    return page(
        request, "texts/letter.html", reader, known=known, title=title_of(name, language), versions=rows, names=names,
        occasions=occasions(name, language), papers={one: on_paper(name, one, texts[one], seen[one]) for one in SPOKEN},
        draft=mine, others=[row for row in drafts if row is not mine], spoken=SPOKEN, seen=seen,
        explained=explained(name, language), done=request.query_params.get("done"),
        late="late" in request.query_params,
    )  # fmt: skip


async def names_of(session: AsyncSession, ids: list[int]) -> dict[int, str]:
    """The names of people, by number."""
    found = await session.exec(select(Person).where(col(Person.id).in_(set(ids))))
    return {row.id: row.name for row in found}

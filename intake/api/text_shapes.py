"""What the API tells of the texts of letters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.sight import Reader
from intake.texts.acting import standing
from intake.texts.occasions import occasions, title_of
from intake.texts.overview import names_of
from intake.texts.standing import Standing, release_of
from intake.texts.wording import explained
from schemas import letter_texts
from schemas.letter_drafts import draft_of
from schemas.letter_texts import versions_of


class Occasion(BaseModel):
    """When a letter goes out, and to whom."""

    when: str
    to: list[str]


class TextRow(BaseModel):
    """A letter in the list. `outdated`: its standard text changed since; `unusable`: the standard text is sent."""

    name: str
    title: str
    occasions: list[Occasion]
    version: int
    own: list[str]
    outdated: list[str]
    unusable: bool


class TextVersion(BaseModel):
    """One version: the texts that it has of its own. `restored`: the version that it brought back."""

    version: int
    texts: dict[str, str]
    by: str
    at: datetime
    why: str
    restored: int | None


class Placeholder(BaseModel):
    """A fact that this letter may say, and how it is written."""

    path: str
    what: str
    written: str
    example: str


class TextWhole(TextRow):
    """One letter: what is sent, the standard texts, one's own draft, what it may say, every version."""

    texts: dict[str, str]
    standard: dict[str, str]
    draft: dict[str, str] | None
    draft_base: int | None
    placeholders: list[Placeholder]
    parts: list[str]
    versions: list[TextVersion]


class Told(BaseModel):
    """Something about one line of a text: `field` is the language and the number of the line."""

    field: str
    code: str
    message: str


class Shown(BaseModel):
    """A text as a letter."""

    subject: str
    text: str
    html: str


class Checked(BaseModel):
    """All that is wrong, all that reads badly, and when nothing is wrong the letters."""

    faults: list[Told]
    remarks: list[Told]
    letters: dict[str, Shown]


class Trial(BaseModel):
    """A letter to oneself."""

    letter: int
    email: str


def row_of(one: Standing, language: str) -> dict[str, Any]:
    """A letter as the list tells it."""
    told_when = [Occasion.model_validate(row) for row in occasions(one.name, language)]
    return {"name": one.name, "title": title_of(one.name, language), "occasions": told_when, "version": one.version,
            "own": list(one.own), "outdated": list(one.moved), "unusable": bool(one.broken)}  # fmt: skip


async def whole_of(session: AsyncSession, reader: Reader, name: str, language: str) -> TextWhole:
    """A letter with all there is about its texts."""
    known, rows = await standing(session, name), await versions_of(session, name)
    draft = await draft_of(session, name, reader.person.id)
    names, may = await names_of(session, [row.author_id for row in rows]), explained(name, language)
    return TextWhole(
        **row_of(known, language), texts=known.texts, standard=release_of(name), parts=may["parts"],
        draft=draft.texts if draft else None, draft_base=draft.base if draft else None,
        placeholders=[Placeholder.model_validate(one) for one in (*may["used"], *may["more"])],
        versions=[_version(row, names) for row in rows],
    )  # fmt: skip


def _version(row: letter_texts.LetterText, names: Mapping[int, str]) -> TextVersion:
    return TextVersion(**row.model_dump(include=set(TextVersion.model_fields) - {"by"}), by=names[row.author_id])

"""The city's own texts of letters: versions that are only added to, and what somebody is still writing.

The version with the highest number is the live one; a language that it does not name has the text of the release. A
letter is written with the text that is live when it is sent, and keeps what was sent.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col, delete, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import insert_once
from schemas.ledger import Letter
from schemas.moment import now
from schemas.words import languages

OTHERWISE = "en"  # for readers of a language that there are no texts in
ON_TRIAL = "on_trial"  # a fact of a letter that somebody sent to themselves: the text that it tries
Texts = Mapping[str, str]
Own = Mapping[tuple[str, str], str]


class LetterText(SQLModel, table=True):
    """One version of a city's texts of one letter, by language. Never changed. `release`: what it took the place of."""

    __table_args__ = (UniqueConstraint("letter", "version"),)

    id: int = Field(default=None, primary_key=True)
    letter: str
    version: int
    texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    release: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    author_id: int = Field(foreign_key="person.id")
    at: datetime = Field(default_factory=now)
    why: str = ""
    restored: int | None = None  # the version that this brings back; 0 is the release's


class LetterTextDraft(SQLModel, table=True):
    """What somebody is writing: their own, until it is put live or thrown away. `base`: the version they began from."""

    __table_args__ = (UniqueConstraint("letter", "author_id"),)

    id: int = Field(default=None, primary_key=True)
    letter: str
    author_id: int = Field(foreign_key="person.id", ondelete="CASCADE")
    texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    why: str = ""
    base: int = 0
    at: datetime = Field(default_factory=now)


class TextMovedOn(RuntimeError):  # noqa: N818 - named for what happened, as the pages say it
    """Somebody else has put a version live meanwhile."""


async def live_versions(session: AsyncSession, letters: Collection[str] | None = None) -> dict[str, LetterText]:
    """The live version of each of these letters that has one, or of all: one query."""
    newer = aliased(LetterText)
    later = exists().where(col(newer.letter) == col(LetterText.letter), col(newer.version) > col(LetterText.version))
    query = select(LetterText).where(~later)
    if letters is not None:
        query = query.where(col(LetterText.letter).in_(letters))
    return {one.letter: one for one in await session.exec(query)}


async def own_texts(session: AsyncSession, letters: Collection[str]) -> Own:
    """The city's texts of these letters, by letter and language."""
    live = await live_versions(session, letters) if letters else {}
    return {(name, language): text for name, one in live.items() for language, text in one.texts.items()}


def own_text(letter: Letter, own: Own) -> str | None:
    """The city's text for this letter; None for the release's."""
    if ON_TRIAL in letter.facts:
        return str(letter.facts[ON_TRIAL])
    return own.get((letter.name, letter.language if letter.language in languages() else OTHERWISE))


async def versions_of(session: AsyncSession, letter: str) -> Sequence[LetterText]:
    """The latest first."""
    query = select(LetterText).where(LetterText.letter == letter).order_by(col(LetterText.version).desc())
    return (await session.exec(query)).all()


async def put_live(
    session: AsyncSession, letter: str, author_id: int, base: int, texts: Texts, release: Texts, **more: Any
) -> LetterText:
    """A new version behind `base`, the one that its author has seen. Raises TextMovedOn when there is a later one."""
    live = (await live_versions(session, [letter])).get(letter)
    if (live.version if live else 0) != base:
        raise TextMovedOn(letter)
    mine = await insert_once(
        session, LetterText, letter=letter, version=base + 1, texts=dict(texts), release=dict(release),
        author_id=author_id, at=now(), **more,
    )  # fmt: skip
    if not mine:  # two at once: one of them was first
        raise TextMovedOn(letter)
    await throw_away(session, letter, author_id)
    return (await live_versions(session, [letter]))[letter]


async def drafts_of(session: AsyncSession, letter: str | None = None) -> Sequence[LetterTextDraft]:
    """What people are writing, oldest first."""
    query = select(LetterTextDraft).order_by(col(LetterTextDraft.at), col(LetterTextDraft.id))
    return (await session.exec(query.where(LetterTextDraft.letter == letter) if letter else query)).all()


async def draft_of(session: AsyncSession, letter: str, author_id: int) -> LetterTextDraft | None:
    """What this person is writing."""
    query = select(LetterTextDraft).where(LetterTextDraft.letter == letter, LetterTextDraft.author_id == author_id)
    return (await session.exec(query)).first()


async def keep_draft(
    session: AsyncSession, letter: str, author_id: int, base: int, texts: Texts, why: str
) -> LetterTextDraft:
    """Keep what somebody has written so far, whatever state it is in."""
    values = {"texts": dict(texts), "why": why, "base": base, "at": now()}
    await insert_once(session, LetterTextDraft, letter=letter, author_id=author_id, **values)
    draft = await draft_of(session, letter, author_id)
    if draft is None:
        raise LookupError(letter)  # just inserted, or there already
    for name, value in values.items():
        setattr(draft, name, value)
    session.add(draft)
    await session.flush()
    return draft


async def throw_away(session: AsyncSession, letter: str, author_id: int) -> None:
    """Forget what somebody was writing."""
    mine = (col(LetterTextDraft.letter) == letter, col(LetterTextDraft.author_id) == author_id)
    await session.exec(delete(LetterTextDraft).where(*mine).execution_options(synchronize_session=False))

"""The city's own texts of letters, in versions that are only added to. What is still being written: `letter_drafts`.

The version with the highest number is the live one; a language that it does not name has the text of the release. A
letter is written with the text that is live when it is sent, and keeps what was sent.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import JSON, UniqueConstraint
from sqlalchemy.orm import aliased
from sqlmodel import Field, SQLModel, col, exists, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.ledger import Letter
from schemas.moment import now
from schemas.words import languages

OTHERWISE = "en"  # for readers of a language that there are no texts in
ON_TRIAL = "on_trial"  # a fact of a letter that somebody sent to themselves: the text that it tries
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

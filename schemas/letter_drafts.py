"""What somebody is writing for a letter: kept whatever state it is in, thrown away, or put live as the next version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel, col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import insert_once
from schemas.letter_texts import LetterText, live_versions
from schemas.moment import now

Texts = Mapping[str, str]


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

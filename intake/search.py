"""What a search box or a `text=` finds: a reference, or questions in which every word occurs."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.sight import Reader
from schemas.references import normal, plausible
from schemas.searching import NEWEST, newest_with
from schemas.subjects import Question

Condition = ColumnElement[bool]
MOST_WORDS = 8


def searched(text: str, reader: Reader, session: AsyncSession) -> list[Condition]:
    """Conditions for a query; none for an empty text.

    Who sees everything finds among the newest questions with these words; everybody else among all of their own.
    """
    words = _words(text)
    if not words:
        return []
    if reader.sees_all:
        newest = newest_with(words, session.get_bind().dialect.name).cte("with_words")
        found: Condition = col(Question.id).in_(select(newest.c.id))
    else:
        found = and_(*(col(Question.search).contains(word, autoescape=True) for word in words))
    return [or_(col(Question.ref) == normal(text).split(".")[0], found) if plausible(text) else found]


def together(branches: Sequence[Condition], text: str, reader: Reader) -> list[Condition]:
    """The branches of a list as one: where words have been found already, there are few questions to choose from."""
    return [or_(*branches)] if branches and text and reader.sees_all else list(branches)


async def is_cut(session: AsyncSession, text: str, reader: Reader) -> bool:
    """Whether these words occur in more questions than a search looks at."""
    words = _words(text)
    if not words or not reader.sees_all:
        return False
    newest = newest_with(words, session.get_bind().dialect.name, NEWEST + 1).subquery()
    last = select(newest.c.id).order_by(newest.c.id).offset(NEWEST).limit(1)
    return (await session.exec(last)).first() is not None  # type: ignore[call-overload]


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(text.replace("\x00", "").lower().split()))[:MOST_WORDS]

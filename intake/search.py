"""What a search box or a `text=` finds: a reference, or questions in which every word occurs."""

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col

from schemas.references import normal, plausible
from schemas.subjects import Question


def searched(text: str) -> list[ColumnElement[bool]]:
    """Conditions for a query; none for an empty text. A trajectory's reference finds its question."""
    words = [col(Question.search).contains(word, autoescape=True) for word in text.lower().split()[:8]]
    if not plausible(text):
        return words
    return [or_(col(Question.ref) == normal(text).split(".")[0], and_(*words))]

"""Questions in which words occur, found through an index of every three letters in a row (`question_words`, trigrams).

SQLite keeps such an index as a table of its own (FTS5), filled by triggers; PostgreSQL as an index on the column.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, column, literal_column, select, table
from sqlmodel import col

from schemas.subjects import Question

NEWEST = 2_000  # a search looks no further: a word that occurs in more finds the newest of them
SHORTEST = 3  # letters of a piece of the index
ESCAPE = "/"


def newest_with(words: Sequence[str], dialect: str, most: int = NEWEST) -> Select[Any]:
    """The ids of the newest questions in which all these words occur, in lower case; at most `most`."""
    long = [one for one in words if len(one) >= SHORTEST]
    if dialect == "sqlite" and long:
        found = table("question_words", column("rowid"))
        query = select(found.c.rowid.label("id")).where(literal_column("question_words").op("MATCH")(_phrases(long)))
        if len(long) < len(words):
            query = query.join(Question, col(Question.id) == found.c.rowid)
            query = query.where(*(_within(one) for one in words if one not in long))
        return query.order_by(found.c.rowid.desc()).limit(most)
    query = select(col(Question.id).label("id")).where(*(_within(one) for one in words))
    return query.order_by(col(Question.id).desc()).limit(most)


def _phrases(words: Sequence[str]) -> str:
    """Each word as a piece of text that must occur, in the language of FTS5."""
    return " AND ".join('"' + one.replace('"', '""') + '"' for one in words)


def _within(word: str) -> ColumnElement[bool]:
    # Written out in the statement: whether it is a rare word decides how PostgreSQL had best look for it.
    for special in (ESCAPE, "%", "_"):
        word = word.replace(special, ESCAPE + special)
    pattern: ColumnElement[str] = bindparam(None, f"%{word}%", literal_execute=True)
    return col(Question.search).like(pattern, escape=ESCAPE)

"""Values that stand in a statement itself, where others are filled in.

PostgreSQL keeps one plan for whatever may be filled in, and reckons with what is filled in most often. So of what is
rare among very many rows it must be told which value is meant.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam


def among(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """That a column has one of these values, which are ours: each statement of them is one more to be kept."""
    names: ColumnElement[Any] = bindparam(None, [str(one) for one in values], expanding=True, literal_execute=True)
    found: ColumnElement[bool] = column.in_(names)
    return found

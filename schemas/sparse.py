"""Indexes of what is mostly empty: rows without a value are left out.

That is less to keep, and SQLite reckons with what a value finds instead of with how many rows have none: with a million
empty ones it would rather read the whole table.
"""

from sqlalchemy import Index, text


def sparse(name: str, *columns: str, only: str = "") -> Index:
    """An index of the rows that have a value in the first column, or of which `only` holds."""
    which = text(only or f"{columns[0]} IS NOT NULL")
    return Index(name, *columns, postgresql_where=which, sqlite_where=which)

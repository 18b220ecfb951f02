"""Which tables and columns a database has: asked of itself, so that no table can be forgotten."""

from collections.abc import Mapping
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

OWN = "alembic_version"
Columns = Mapping[str, Any]  # types by name
# On SQLite a search index looks like tables; it is made again from the questions.
REAL = text("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'")


def shape(connection: Connection) -> dict[str, Columns]:
    """The columns of each table that holds something of its own."""
    look = inspect(connection)
    names = set(look.get_table_names()) - {OWN}
    if connection.dialect.name == "sqlite":
        names &= set(connection.scalars(REAL))
    return {
        name: {one["name"]: one["type"] for one in look.get_columns(name) if "computed" not in one}
        for name in sorted(names)
    }


def revision(connection: Connection) -> str | None:
    """The migration that the database is at."""
    return MigrationContext.configure(connection).get_current_revision()


async def looked_at(url: str) -> tuple[dict[str, Columns], str | None]:
    """The tables of a database, and its migration."""
    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(shape), await connection.run_sync(revision)
    finally:
        await engine.dispose()


async def holding(url: str) -> str | None:
    """The first table that has a row in it, or None."""
    tables, _ = await looked_at(url)
    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            for name in tables:
                if (await connection.execute(text(f'SELECT 1 FROM "{name}" LIMIT 1'))).first():
                    return name
    finally:
        await engine.dispose()
    return None

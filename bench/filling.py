"""Rows into a database as fast as it takes them: COPY on PostgreSQL, `executemany` on SQLite; indexes afterwards."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from schemas.backup import postgresql, sqlite

Rows = Sequence[Mapping[str, Any]]
MOMENT = "%Y-%m-%d %H:%M:%S.%f"  # as SQLAlchemy keeps one in SQLite


async def put(connection: AsyncConnection, table: str, rows: Rows) -> None:
    """These rows, all of the same columns."""
    if not rows:
        return
    names = list(rows[0])
    if connection.dialect.name == "postgresql":
        cells: Iterable[Any] = (tuple(_cell(one) for one in row.values()) for row in rows)
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await raw.copy_records_to_table(table, records=cells, columns=names)
        return
    marks = ", ".join("?" * len(names))
    insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
    await connection.exec_driver_sql(insert, [tuple(_plain_cell(one) for one in row.values()) for row in rows])


def _cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value


def _plain_cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime(MOMENT)
    return value.isoformat() if isinstance(value, date) else _cell(value)


@asynccontextmanager
async def bare(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction in which tables have neither indexes nor references; they are made again at its end."""
    async with engine.begin() as connection:
        again = await _stripped(connection)
        yield connection
        for statement in again:
            await connection.exec_driver_sql(statement)


async def _stripped(connection: AsyncConnection) -> list[str]:
    if connection.dialect.name == "postgresql":
        raw: Any = (await connection.get_raw_connection()).driver_connection
        await connection.exec_driver_sql("SET LOCAL maintenance_work_mem TO '256MB'")
        return await postgresql.strip(raw)
    indexes = (await connection.exec_driver_sql(sqlite.INDEXES)).all()
    triggers = (await connection.exec_driver_sql(sqlite.TRIGGERS)).all()
    for kind, found in (("INDEX", indexes), ("TRIGGER", triggers)):
        for name, _ in found:
            await connection.exec_driver_sql(f'DROP {kind} "{name}"')
    return [*(sql for _, sql in indexes), *(sql for _, sql in triggers), sqlite.REBUILD]

"""PostgreSQL's side: COPY, from one snapshot; into tables whose indexes and references are made afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from schemas.backup.archive import Contents, Table, Tell, Writer, read, writing_to
from schemas.backup.shape import Columns

# The same text for the same value, whatever the server is set to.
PLAINLY = ("TIME ZONE 'UTC'", "datestyle TO 'ISO'", "bytea_output TO 'hex'", "extra_float_digits TO 1")
REFERENCES = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"""
INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.indexrelid AND contype <> 'f') ORDER BY 1"""
SEQUENCES = """
    SELECT t.relname, s.oid::regclass::text, a.attname FROM pg_depend d
    JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.deptype IN ('a', 'i') AND t.relnamespace = current_schema()::regnamespace ORDER BY 1"""


async def save(url: str, path: Path, contents: Contents, tables: dict[str, Columns], tell: Tell) -> None:
    """Write a file of the database as it is at this moment."""
    engine = create_async_engine(url, hide_parameters=True, isolation_level="REPEATABLE READ")
    try:
        async with engine.connect() as connection:
            raw = await _plainly(connection)
            for name in tables:
                contents.rows[name] = await raw.fetchval(f'SELECT count(*) FROM "{name}"')
            with writing_to(path, contents) as writer:
                for name, columns in tables.items():
                    await _save_table(raw, writer, name, list(columns), tell, contents.size)
                writer.finish(await _sequences(raw))
    finally:
        await engine.dispose()


async def _save_table(raw: Any, writer: Writer, name: str, columns: list[str], tell: Tell, total: int) -> None:
    async def keep(data: bytes) -> None:
        writer.rows(data)
        tell("Saving", data.count(b"\n"), total)

    writer.table(name)
    await raw.copy_from_table(name, columns=columns, output=keep, format="text")
    writer.end_table()


async def _sequences(raw: Any) -> dict[str, int]:
    found = {}
    for table, sequence, _ in await raw.fetch(SEQUENCES):
        called, last = await raw.fetchrow(f"SELECT is_called, last_value FROM {sequence}")
        found[table] = last if called else 0
    return found


async def fill(url: str, path: Path, tables: dict[str, Columns], tell: Tell) -> None:
    """Put a file into the empty tables: all of it or nothing."""
    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            raw = await _plainly(connection)
            await raw.execute("SET LOCAL maintenance_work_mem TO '128MB'")
            again = await strip(raw)
            await raw.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in tables))
            sequences = await _fill_tables(raw, path, tell)
            for statement in again:
                await raw.execute(statement)
                tell("Indexing", 1, len(again))
            await _set_sequences(raw, sequences)
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("ANALYZE"))
    finally:
        await engine.dispose()


async def strip(raw: Any) -> list[str]:
    """Take references and indexes off; the statements that put them back."""
    again = []
    for table, name, definition in await raw.fetch(REFERENCES):
        again.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        await raw.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for index, definition in await raw.fetch(INDEXES):
        again.insert(0, definition)
        await raw.execute(f"DROP INDEX {index}")
    return again


async def _fill_tables(raw: Any, path: Path, tell: Tell) -> dict[str, int]:
    contents = None
    for part in read(path):
        if isinstance(part, Contents):
            contents = part
        else:
            source = _told(part, tell, contents.size if contents else 0)
            await raw.copy_to_table(part.name, source=source, columns=part.columns, format="text")
    return contents.sequences if contents else {}


async def _told(table: Table, tell: Tell, total: int) -> AsyncIterator[bytes]:
    for piece in table.pieces():
        yield piece
        tell("Restoring", piece.count(b"\n"), total)


async def _set_sequences(raw: Any, last: dict[str, int]) -> None:
    # Never a number twice: links in sent letters bear them, also those of rows that have gone since.
    for table, sequence, column in await raw.fetch(SEQUENCES):
        highest = await raw.fetchval(f'SELECT coalesce(max("{column}"), 0) FROM "{table}"')
        if number := max(highest, last.get(table, 0)):
            await raw.execute("SELECT setval($1::text::regclass, $2)", sequence, number)


async def _plainly(connection: AsyncConnection) -> Any:
    for setting in PLAINLY:
        await connection.execute(text(f"SET LOCAL {setting}"))
    return (await connection.get_raw_connection()).driver_connection

"""SQLite's side: reads one snapshot while others write; fills tables before their indexes."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from schemas.backup.archive import Contents, Table, Tell, Unfit, read, writing_to
from schemas.backup.cells import understood, written
from schemas.backup.shape import Columns

MANY = 2_000  # rows at a time
BUSY = 15.0  # seconds
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
HAS_WORDS = "SELECT 1 FROM sqlite_master WHERE name = 'question_words'"
REBUILD = "INSERT INTO question_words (question_words) VALUES ('rebuild')"


def save(database: str, path: Path, contents: Contents, tables: dict[str, Columns], tell: Tell) -> None:
    """Write a file of the database as it is at this moment."""
    with closing(sqlite3.connect(database, BUSY, isolation_level=None)) as connection:
        connection.execute("BEGIN")  # in WAL the first look fixes what is seen
        contents.rows = {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
        with writing_to(path, contents) as writer:
            for name, columns in tables.items():
                writer.table(name)
                for part in _parts(connection, name, columns):
                    writer.rows(b"".join(part))
                    tell("Saving", len(part), contents.size)
                writer.end_table()
            writer.finish({name: _last(connection, name) for name, columns in tables.items() if "id" in columns})


def _parts(connection: sqlite3.Connection, name: str, columns: Columns) -> Iterator[list[bytes]]:
    cursor = connection.execute(f'SELECT {_quoted(columns)} FROM "{name}"')
    lines = written(list(columns.values()), cursor)
    while part := list(islice(lines, MANY)):
        yield part


def _last(connection: sqlite3.Connection, name: str) -> int:
    found = connection.execute(f'SELECT max(id) FROM "{name}"').fetchone()[0]
    return found if isinstance(found, int) else 0


def alone(database: str) -> None:
    """Whether nobody else has the database open. Raises Unfit."""
    try:
        with closing(sqlite3.connect(database, 1.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise Unfit(f"others work on it ({error}): stop Stadsvraag first") from None


def fill(database: str, path: Path, tables: dict[str, Columns], tell: Tell) -> None:
    """Put a file into the empty tables: all of it or nothing. Raises Unfit."""
    with closing(sqlite3.connect(database, BUSY, isolation_level=None)) as connection:
        for pragma in ("foreign_keys=OFF", "journal_mode=DELETE", "cache_size=-131072", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN EXCLUSIVE")
        indexes = dict(connection.execute(INDEXES).fetchall())
        triggers = dict(connection.execute(TRIGGERS).fetchall())
        for kind, names in (("INDEX", indexes), ("TRIGGER", triggers)):
            for one in names:
                connection.execute(f'DROP {kind} "{one}"')
        for name in tables:
            connection.execute(f'DELETE FROM "{name}"')
        _fill_tables(connection, path, tables, tell)
        again = [*indexes.values(), *triggers.values()]
        again += [REBUILD] if connection.execute(HAS_WORDS).fetchone() else []
        for sql in again:
            connection.execute(sql)
            tell("Indexing", 1, len(again))
        if broken := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise Unfit(f"a row of {broken[0]} in the file points at a row of {broken[2]} that is not in it")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("ANALYZE")


def _fill_tables(connection: sqlite3.Connection, path: Path, tables: dict[str, Columns], tell: Tell) -> None:
    total = 0
    for part in read(path):
        if isinstance(part, Contents):
            total = part.size
            continue
        types = [tables[part.name][column] for column in part.columns]
        marks = ", ".join("?" * len(types))
        insert = f'INSERT INTO "{part.name}" ({_quoted(part.columns)}) VALUES ({marks})'
        for rows in _batches(part, types):
            connection.executemany(insert, rows)
            tell("Restoring", len(rows), total)


def _batches(table: Table, types: list[object]) -> Iterator[list[list[object]]]:
    rows = understood(types, table.lines)
    while batch := list(islice(rows, MANY)):
        yield batch


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)

"""The one engine, and the two kinds of session: one that writes, one that only reads."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, ExceptionContext, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, InterfaceError, InvalidatePoolError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import Session, SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000")
PREPARED = {"prepared_statement_cache_size": 500}  # all that we ask; of the usual 100 many are prepared again and again
JSON_BY: Any = {
    "json_serializer": lambda value: orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode(),
    "json_deserializer": orjson.loads,
}
LOOKING = "looking"
UNREACHABLE = (
    OperationalError,
    InterfaceError,
    NoConnectionLeft,
    OSError,
)  # what a database that is away makes of a call
# PostgreSQL's own words for it: no connection, no room (disk, memory, connections), a broken disk; stopped or starting.
AWAY = ("08", "53", "58", "57P01", "57P02", "57P03")


def open_engine(url: str) -> AsyncEngine:
    """An engine for SQLite (WAL, durable commits, writers queue at BEGIN) or PostgreSQL."""
    if url.startswith("sqlite"):
        engine = create_async_engine(url, hide_parameters=True, **JSON_BY)
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        return engine
    engine = create_async_engine(
        url, hide_parameters=True, pool_size=10, max_overflow=10, connect_args=PREPARED, **JSON_BY
    )
    event.listen(engine.sync_engine, "handle_error", _name_by_its_state)
    event.listen(engine.sync_engine, "connect", _as_for_pages)
    event.listen(engine.sync_engine, "checkout", _still_there)
    return engine


def _name_by_its_state(context: ExceptionContext) -> None:
    # The driver has one kind of error for most of what the server says, a server that stops included.
    error = context.sqlalchemy_exception
    if type(error) is DBAPIError and str(getattr(error.orig, "sqlstate", None) or "").startswith(AWAY):
        raise OperationalError(
            error.statement, error.params, context.original_exception, hide_parameters=True,
            connection_invalidated=context.is_disconnect,
        )  # fmt: skip


def _prepare(connection: Any, _record: object) -> None:
    # The driver must emit no BEGIN of its own: it would start a transaction only at the first write, and lose updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _as_for_pages(connection: Any, _record: object) -> None:
    # The server takes seconds to compile a long query that then takes milliseconds, and longer to start helpers for it.
    cursor = connection.cursor()
    cursor.execute("SELECT set_config('jit', 'off', false), set_config('max_parallel_workers_per_gather', '0', false)")
    cursor.fetchall()
    cursor.close()
    connection.commit()


def _still_there(connection: Any, _record: object, _proxy: object) -> None:
    # The loop has heard of a server that hung up; to ask it before each use (`pool_pre_ping`) costs each step twice.
    if connection.driver_connection.is_closed():
        raise InvalidatePoolError  # the others, which were opened before now, are as dead


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {kind}")


class Remembering(Session):
    """A session that keeps hold of the rows of tables marked `remembered`, which are asked for again and again.

    SQLAlchemy itself forgets a row as soon as nobody holds it, and reads it anew from the database.
    """


@event.listens_for(Remembering, "loaded_as_persistent")
@event.listens_for(Remembering, "pending_to_persistent")
def _hold(session: Session, row: object) -> None:
    if getattr(row, "remembered", False):
        session.info.setdefault("held", []).append(row)


@event.listens_for(Remembering, "before_flush")
def _only_look(session: Session, _context: object, _instances: object) -> None:
    if session.info.get(LOOKING) and (session.new or session.dirty or session.deleted):
        raise AssertionError("a session for looking was about to write")


@asynccontextmanager
async def writing(engine: AsyncEngine | AsyncConnection) -> AsyncIterator[AsyncSession]:
    """One unit of work: committed when the block ends, rolled back when it raises. Never await SMTP or HTTP inside."""
    made = AsyncSession(engine, expire_on_commit=False, sync_session_class=Remembering)
    async with made as session, session.begin():
        yield session


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
    """A session for looking; on SQLite it does not queue behind writers.

    On PostgreSQL each question sees what is committed by then, as it does within a transaction there; so none is begun.
    """
    postgres = engine.dialect.name == "postgresql"
    reader = engine.execution_options(**{"isolation_level": "AUTOCOMMIT"} if postgres else {"sqlite_begin": "DEFERRED"})
    async with AsyncSession(reader, expire_on_commit=False, sync_session_class=Remembering) as session:
        session.info[LOOKING] = True
        yield session


async def insert_once(session: AsyncSession, table: type[SQLModel], **values: Any) -> bool:
    """Insert a row unless a unique key is taken already; False then. Waits for a rival's open transaction."""
    return bool(await insert_each_once(session, table, [values]))


async def insert_each_once(session: AsyncSession, table: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert these rows, of the same columns, but for those of which a unique key is taken already; how many."""
    if not rows:
        return 0
    connection = await session.connection()
    return len((await connection.execute(_insert_new(table, connection.dialect.name), list(rows))).all())


@cache
def _insert_new(table: type[SQLModel], dialect: str) -> ReturningInsert[Any]:
    target: Table = table.__table__  # type: ignore[attr-defined]
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(target)
    # Told back, because the number of rows is not told of many at once.
    statement: ReturningInsert[Any] = insert.on_conflict_do_nothing().returning(*target.primary_key)
    return statement

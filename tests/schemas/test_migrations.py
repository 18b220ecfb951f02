"""Migrations: up, no drift from the tables in the code, down to nothing, and up again; on both databases."""

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import col, func, select

from schemas.database import open_engine, reading, writing
from schemas.ledger import Entry
from schemas.migrate import drift, migrate
from schemas.tables import METADATA
from tests.cast import Cast
from tests.databases import fill
from tests.story import Story

OWN = "alembic_version"


def shape(connection: Connection) -> dict[str, object]:
    """Every table with its columns, keys, indexes and unique constraints."""
    look = inspect(connection)
    return {
        table: (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in look.get_columns(table)),
            look.get_pk_constraint(table),
            sorted((str(one["name"]), one["referred_table"], one["options"]) for one in look.get_foreign_keys(table)),
            sorted((str(one["name"]), one["column_names"], one["unique"]) for one in look.get_indexes(table)),
            sorted((str(one["name"]), one["column_names"]) for one in look.get_unique_constraints(table)),
        )
        for table in look.get_table_names()
        if table != OWN and not table.startswith("question_words")  # how SQLite keeps its search index
    }


async def shape_of(url: str) -> dict[str, object]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = await connection.run_sync(shape)
    await engine.dispose()
    return found


async def test_up_without_drift_down_to_nothing_and_up_again(empty: str) -> None:
    await migrate(empty)
    once = await shape_of(empty)
    assert set(once) == set(METADATA.tables)
    assert await drift(empty) is None
    await migrate(empty)
    assert await shape_of(empty) == once
    await migrate(empty, "base")
    assert await shape_of(empty) == {}
    await migrate(empty)
    assert await shape_of(empty) == once


async def test_a_difference_is_told(empty: str) -> None:
    await migrate(empty)
    engine = create_async_engine(empty)
    async with engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_question_due"))
    await engine.dispose()
    assert "ix_question_due" in str(await drift(empty))


async def test_migrations_make_what_the_tables_say(empty: str) -> None:
    await migrate(empty)
    migrated = await shape_of(empty)
    engine = create_async_engine(empty)
    await migrate(empty, "base")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    await engine.dispose()
    assert await shape_of(empty) == migrated


async def test_migrating_again_leaves_a_life_as_it_was(empty: str) -> None:
    await fill(empty)
    engine = open_engine(empty)
    tell = Story(await Cast.of(engine))
    async with writing(engine) as session:
        await tell.completed(session)
    async with reading(engine) as session:
        before = (await session.exec(select(func.count(col(Entry.id))))).one()
    await engine.dispose()
    await migrate(empty)
    engine = open_engine(empty)
    async with reading(engine) as session:
        assert (await session.exec(select(func.count(col(Entry.id))))).one() == before == 12
    await engine.dispose()

"""Bring a database to the tables of this version, or back. Safe to repeat."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

HERE = Path(__file__).parent / "migrations"


async def migrate(url: str, target: str = "head") -> None:
    """Up to `head`, or down to a revision (`base` for nothing at all)."""
    down = target == "base" or target.startswith("-")
    await _run(url, lambda config: (command.downgrade if down else command.upgrade)(config, target))


def revisions() -> set[str]:
    """Every migration that this release knows."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    return {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}


async def drift(url: str) -> str | None:
    """What the tables in the code have that the migrations lack, or None."""
    try:
        await _run(url, command.check)
    except Exception as error:
        if "New upgrade operations detected" not in str(error):
            raise
        return str(error)
    return None


async def _run(url: str, what: Callable[[Config], object]) -> None:
    # A plain engine: ours begins transactions itself, and on SQLite foreign keys must be off while tables are rebuilt
    # (rebuilding a parent would delete its children).
    engine = create_async_engine(url, hide_parameters=True)
    try:
        async with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                await connection.execute(text("PRAGMA journal_mode=WAL"))
                await connection.execute(text("PRAGMA foreign_keys=OFF"))
                await connection.commit()
            await connection.run_sync(_with, what)
            await connection.commit()
    finally:
        await engine.dispose()


def _with(connection: Connection, what: Callable[[Config], object]) -> None:
    config = Config(stdout=StringIO())  # what `alembic check` says there is told by `drift`
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    what(config)

"""Backup and restore of a whole database, whichever of the two it is."""

import asyncio
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sqlalchemy.engine import make_url

from schemas.backup import postgresql, sqlite
from schemas.backup.archive import Contents, Tell, Unfit, verify
from schemas.backup.shape import holding, looked_at
from schemas.migrate import migrate, revisions
from schemas.moment import now


async def backup(url: str, path: Path, tell: Tell) -> Contents:
    """Write a file of everything as it is at this moment; others go on working. Raises Unfit or FileExistsError."""
    tables, revision = await looked_at(url)
    if revision is None:
        raise Unfit("there are no tables of Stadsvraag in this database. Check STADSVRAAG_DATABASE_URL.")
    columns = {name: list(found) for name, found in tables.items()}
    contents = Contents(revision, now().isoformat(), release(), columns)
    if url.startswith("sqlite"):
        await asyncio.to_thread(sqlite.save, _file(url), path, contents, tables, tell)
    else:
        await postgresql.save(url, path, contents, tables, tell)
    return contents


async def restore(url: str, path: Path, tell: Tell, *, replace: bool = False) -> Contents:
    """Fill an empty database from a file and bring it to the tables of this release. Raises Unfit.

    `replace`: what the database holds now is thrown away.
    """
    contents = await asyncio.to_thread(verify, path, tell)
    if contents.revision not in revisions():
        raise Unfit(f"the file is of a later release ({contents.release}, {contents.revision}): install that one")
    if not replace and (table := await holding(url)):
        raise Unfit(f"the database is not empty (there is something in {table}). To throw that away: --replace")
    if url.startswith("sqlite"):
        await asyncio.to_thread(sqlite.alone, _file(url))
    await migrate(url, "base")
    await migrate(url, contents.revision)
    tables, _ = await looked_at(url)
    for name, columns in contents.columns.items():
        if not set(columns) <= set(tables.get(name, ())):
            raise Unfit(f"the table {name} in the file is not that of migration {contents.revision}")
    if url.startswith("sqlite"):
        await asyncio.to_thread(sqlite.fill, _file(url), path, tables, tell)
    else:
        await postgresql.fill(url, path, tables, tell)
    await migrate(url)
    return contents


def release() -> str:
    """The release that this is."""
    try:
        return version("stadsvraag")
    except PackageNotFoundError:  # run from a checkout
        return "checkout"


def _file(url: str) -> str:
    return make_url(url).database or ""

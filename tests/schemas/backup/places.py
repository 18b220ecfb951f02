"""What is in a database, and whether it is as promised."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.database import open_engine, reading
from schemas.ledger import Entry, Letter
from schemas.subjects import Question, Trajectory
from schemas.tables import METADATA


def silent(stage: str, more: int, total: int) -> None:
    """Nobody looks on."""


async def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in order; but for the mark, which is another one after every change."""
    engine = open_engine(url)
    try:
        async with engine.connect() as connection:
            return {
                name: sorted(map(tuple, await connection.execute(table.select())), key=repr)
                for name, table in METADATA.tables.items()
                if name != "mark"
            }
    finally:
        await engine.dispose()


async def faults(engine: AsyncEngine) -> list[str]:
    """What the promises about a ledger say is not so."""
    found: list[str] = []
    async with reading(engine) as session:

        async def none_of(what: str, query: Any) -> None:
            found.extend(f"{what}: {row}" for row in await session.exec(query))

        versions = (func.count(col(Entry.id)), func.min(Entry.version), func.max(Entry.version))
        for table, key in ((Question, Entry.question_id), (Trajectory, Entry.trajectory_id)):
            own = select(table.id, table.version, *versions).join(Entry, col(key) == table.id)  # type: ignore[call-overload]
            if table is Question:
                own = own.where(col(Entry.trajectory_id).is_(None))
            for id_, version, count, first, last in await session.exec(own.group_by(table.id, table.version)):
                if (first, last, count) != (1, version, version):
                    found.append(f"{table.__name__} {id_} at {version} has entries {first} to {last}, {count} of them")
        await none_of(
            "an entry without its question", select(Entry.id).where(col(Entry.question_id).not_in(select(Question.id)))
        )
        await none_of(
            "a letter twice",
            select(Letter.entry_id, Letter.name, Letter.recipient_id)
            .where(col(Letter.entry_id).is_not(None))
            .group_by(col(Letter.entry_id), Letter.name, col(Letter.recipient_id))
            .having(func.count(col(Letter.id)) > 1),
        )
        await none_of(
            "a letter without its entry",
            select(Letter.id).where(col(Letter.entry_id).is_not(None), col(Letter.entry_id).not_in(select(Entry.id))),
        )
    return found

"""Is there anything to do? One look at the database, cheap enough to take several times a second."""

from typing import Any, NamedTuple

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col

from flows.claims import due, lapsed, loose, unfollowed
from schemas.digests import digest_due
from schemas.due import is_due
from schemas.meetings import pack_due
from schemas.moment import now
from schemas.subjects import Question, Trajectory


class Waiting(NamedTuple):
    """Which flows have work; the fields are their names."""

    after_step: bool
    deliver: bool
    deadlines: bool
    committee_pack: bool
    digest: bool


_MOMENT: Any = Question.due_at
AT: Any = bindparam("at", type_=_MOMENT.type)


def _first_due(table: Any) -> Any:
    return select(table.id).where(is_due(table, AT)).order_by(col(table.due_at)).limit(1).scalar_subquery()


_QUERY = select(  # built once: putting it together costs more than asking it
    exists().where(unfollowed(AT)),
    or_(exists().where(due(AT), loose()), exists().where(lapsed(AT))),
    # Asked for the first in the index: whether there is any, PostgreSQL would find out by reading the table.
    or_(*(_first_due(table).is_not(None) for table in (Question, Trajectory))),
    exists().where(pack_due(AT)),
    exists().where(digest_due(AT)),
)


def onlooker(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for looking only: on SQLite it does not queue behind writers."""
    return engine.execution_options(sqlite_begin="DEFERRED")


async def look(reader: AsyncEngine) -> Waiting:
    """What is waiting now."""
    async with reader.connect() as connection:
        return Waiting(*(await connection.execute(_QUERY, {"at": now()})).one())

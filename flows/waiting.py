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
from schemas.prospects import Prospect, to_look_at, to_tell
from schemas.subjects import Question, Trajectory


class Waiting(NamedTuple):
    """Which flows have work; the fields are their names."""

    after_step: bool
    deliver: bool
    deadlines: bool
    committee_pack: bool
    prospects: bool
    hand_in: bool
    digest: bool


_MOMENT: Any = Question.due_at
AT: Any = bindparam("at", type_=_MOMENT.type)


def _first(table: Any, which: Any, by: Any) -> Any:
    # Asked for the first in the index: whether there is any, PostgreSQL would find out by reading the table.
    return select(table.id).where(which).order_by(col(by)).limit(1).scalar_subquery().is_not(None)


_QUERY = select(  # built once: putting it together costs more than asking it
    exists().where(unfollowed(AT)),
    or_(exists().where(due(AT), loose()), exists().where(lapsed(AT))),
    or_(*(_first(table, is_due(table, AT), table.due_at) for table in (Question, Trajectory))),
    exists().where(pack_due(AT)),
    _first(Question, to_look_at(AT), Question.look_at),
    _first(Prospect, to_tell(AT), Prospect.tell_at),
    exists().where(digest_due(AT)),
)


def onlooker(engine: AsyncEngine) -> AsyncEngine:
    """The same engine for looking only: on SQLite it does not queue behind writers."""
    return engine.execution_options(sqlite_begin="DEFERRED")


async def look(reader: AsyncEngine) -> Waiting:
    """What is waiting now."""
    async with reader.connect() as connection:
        return Waiting(*(await connection.execute(_QUERY, {"at": now()})).one())

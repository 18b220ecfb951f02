"""What changes rarely (offices, absences, the calendar, the catalogue) is kept by each process, under a mark.

The mark is one row that the database itself renews (triggers, see the migration) when anything in the tables that
are `Kept` changes, by whatever way. A session asks for it once; what was found under the same mark is still true.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from itertools import chain
from typing import Any, ClassVar, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction
from sqlmodel import Field, SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.database import Remembering

Found = TypeVar("Found")
SHELF, LOOSE = "shelf", "_loose"
SHELVES = 8  # transactions that began under an older mark go on under it
_SHELVES: OrderedDict[str, dict[str, Any]] = OrderedDict()


class Kept(SQLModel):
    """A table of which each process keeps what it has read."""

    kept: ClassVar[bool] = True

    def __setattr__(self, name: str, value: Any) -> None:
        if LOOSE in self.__dict__:  # it would be changed for everybody, and in no database
            raise AttributeError(f"this {type(self).__name__} is kept: read it in a session of your own to change it")
        super().__setattr__(name, value)


class Mark(SQLModel, table=True):
    """One row. `mark` is never the same twice, so that one that was rolled back cannot come again."""

    id: int = Field(default=1, primary_key=True)
    mark: str


MARK = select(Mark.mark).where(Mark.id == 1)


async def kept(session: AsyncSession, what: str, look: Callable[[], Awaitable[Found]]) -> Found:
    """What `look` finds, which must say nothing but what stands in tables that are `Kept`, and may not be changed."""
    shelf = session.info.get(SHELF)
    if shelf is None:
        shelf = lay_out(session, (await session.exec(MARK)).first())
    if what not in shelf:
        shelf[what] = await look()
    found: Found = shelf[what]
    return found


def lay_out(session: AsyncSession, mark: str | None) -> dict[str, Any]:
    """What was found under this mark; for a session that has read it already."""
    shelf: dict[str, Any] = _SHELVES.pop(mark, {}) if mark else {}
    if mark:  # a database without the row has no triggers: nothing is kept beyond the session
        _SHELVES[mark] = shelf
        while len(_SHELVES) > SHELVES:
            _SHELVES.popitem(last=False)
    session.info[SHELF] = shelf
    return shelf


def loose(row: Any) -> Any:
    """A copy of a row that belongs to no session and cannot be changed, to be kept."""
    copy = type(row)(**row.model_dump())
    copy.__dict__[LOOSE] = True
    return copy


@event.listens_for(Remembering, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    # Who changes the offices sees them changed, in the same transaction too.
    if any(getattr(row, "kept", False) for row in chain(session.new, session.dirty, session.deleted)):
        session.info.pop(SHELF, None)


@event.listens_for(Remembering, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    if not state.is_select and state.bind_mapper and getattr(state.bind_mapper.class_, "kept", False):
        state.session.info.pop(SHELF, None)


@event.listens_for(Remembering, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None or transaction.nested:
        session.info.pop(SHELF, None)

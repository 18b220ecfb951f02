"""Walking through a long list: from any place in it the next part costs the same, however deep.

A list is given as branches: conditions that each lie in one range of an index. Each branch is walked in the order
wanted, from the place where the last part ended, and the first few of all are merged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_, union, union_all
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.subjects import Question, Subject

Condition = ColumnElement[bool]
MANY = 1000  # beyond this we say "1000+"
SORTS = {"due": "due_at", "here": "since", "new": "id", "ref": "ref", "title": "title"}
KEYS = SORTS | {"hand_in": "hand_in_by"}  # the board is walked by this
EMPTY = frozenset({"due", "hand_in"})  # columns that may be empty: those rows come last
DOWN = frozenset({"new"})  # begins at the end when nothing is said


@dataclass(frozen=True)
class Order:
    """In which order: a key of KEYS, and whether from high to low. What has no key at all comes last."""

    sort: str = "due"
    down: bool = False

    def column(self, table: type[Subject]) -> ColumnElement[Any]:
        found: ColumnElement[Any] = getattr(table, KEYS[self.sort])
        return found


@dataclass(frozen=True)
class Place:
    """Between two rows of a list: after the row with this key and id."""

    id: int
    key: str | int | date | None

    @classmethod
    def read(cls, text: str, order: Order) -> Self | None:
        """From an address; None for what is no place in this order."""
        number, _, key = text.replace("\x00", "").partition("~")
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        try:
            return cls(int(number), _read_key(key, order))
        except ValueError:
            return None

    def written(self) -> str:
        return f"{self.id}~{self.key.isoformat() if isinstance(self.key, date) else self.key or ''}"


def _read_key(key: str, order: Order) -> str | int | date | None:
    if order.sort == "hand_in":
        return date.fromisoformat(key) if key else None
    if order.sort in ("due", "here"):
        moment = datetime.fromisoformat(key) if key else None
        if moment and moment.tzinfo is None:
            raise ValueError(key)
        return moment
    return int(key) if order.sort == "new" else key


def part(
    table: type[Subject], branches: Sequence[Condition], order: Order, place: Place | None, limit: int, *,
    back: bool, empty: bool,
) -> Select[Any] | None:  # fmt: skip
    """The query for (id, key) of the rows with a key, or without (`empty`), after a place; before it with `back`.

    The nearest come first. None when all of these lie behind us.
    """
    there = place is not None and place.key is None
    if place is not None and there != empty and empty == back:
        return None
    beyond = _beyond(table, order, place, back=back) if place is not None and there == empty else []
    picks = [_pick(table, [branch, *beyond], order, limit, back=back, empty=empty) for branch in branches]
    found = merged(picks, distinct=True)
    turned = order.down != back
    keys = [one.desc() if turned else one for one in (found.c.key, found.c.id)]
    return select(found.c.id, found.c.key).order_by(*keys).limit(limit)


def _pick(
    table: type[Subject], conditions: Sequence[Condition], order: Order, limit: int, *, back: bool, empty: bool
) -> Select[Any]:
    column, own = order.column(table), _id(table)
    query = select(own.label("id"), column.label("key")).where(*conditions)
    if order.sort in EMPTY:
        query = query.where(column.is_(None) if empty else column.is_not(None))
    turned = order.down != back
    return query.order_by(*(one.desc() if turned else one for one in (column, own))).limit(limit)


def _beyond(table: type[Subject], order: Order, place: Place, *, back: bool) -> list[Condition]:
    """That a row, with a key or without as the place, comes after it; before it with `back`."""
    column, own = order.column(table), _id(table)
    at: Any = own if place.key is None else tuple_(column, own)
    here: Any = literal(place.id)
    if place.key is not None:
        here = tuple_(literal(place.key, column.type), here)
    return [at < here if order.down != back else at > here]


def _id(table: type[Subject]) -> ColumnElement[int]:
    found: ColumnElement[int] = getattr(table, "id")  # noqa: B009 - a column, which a type checker takes for a number
    return found


def merged(picks: Sequence[Select[Any]], *, distinct: bool) -> Any:
    """Several limited queries as one table; SQLite wants each in a pair of brackets of its own."""
    whole = [select(one.subquery()) for one in picks]
    joined = (union if distinct else union_all)(*whole) if len(whole) > 1 else whole[0]
    return joined.subquery()


async def counted(
    session: AsyncSession, branches: Sequence[Condition], *, apart: bool = False, most: int | None = MANY + 1
) -> int:
    """How many questions there are in these branches, counting no further than `most`.

    `apart`: no question is in two of them, so that the first that is long enough will do.
    """
    if not branches:
        return 0
    picks = [select(_id(Question).label("id")).where(one).limit(most) for one in branches]
    found = select(merged(picks, distinct=not apart)).limit(most).subquery()
    return int((await session.exec(select(func.count()).select_from(found))).one()[0])  # type: ignore[call-overload]


def capped(count: int) -> str:
    """Nobody reads the difference between 1204 and 1310, and counting on costs time."""
    return f"{MANY}+" if count > MANY else str(count)


async def walked(
    session: AsyncSession, table: type[Subject], branches: Sequence[Condition], order: Order,
    place: Place | None = None, limit: int = 20, *, back: bool = False,
) -> list[tuple[int, Place]]:  # fmt: skip
    """The ids of a part of the list with the place of each, in the order of the list."""
    if not branches:
        return []
    rows: list[Any] = []
    # Those without a key come last; mostly there are enough with one.
    for empty in (back, not back) if order.sort in EMPTY else (False,):
        query = part(table, branches, order, place, limit - len(rows), back=back, empty=empty)
        if query is not None and len(rows) < limit:
            rows += await session.exec(query)  # type: ignore[call-overload]
    found = [(int(row[0]), Place(int(row[0]), row[1])) for row in rows]
    return found[::-1] if back else found

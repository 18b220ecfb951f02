"""What one run has in hand: the database, its token, and what it has done so far, by question."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from flows.identity import new_token
from schemas import tables as _tables  # noqa: F401 - a run of one flow alone must know every table referred to
from schemas.database import open_engine
from schemas.settings import settings

BATCHES = 10  # in one run; the next run takes the rest, so that a run can be read in Prefect's pages


@dataclass
class Hands:
    """What the runner lends to the runs it starts: an open engine, and its wish to leave."""

    engine: AsyncEngine
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    mail: tuple[bool, str] | None = None  # how the last letter went


LENT: ContextVar[Hands | None] = ContextVar("lent", default=None)


class Work:
    """The work of one run. Not a dataclass: Prefect would look into it at every task."""

    def __init__(self, flow: str, hands: Hands) -> None:
        self.flow, self.hands = flow, hands
        self.token = new_token()
        self.done: dict[str, list[str]] = {}
        self.sent: dict[str, int] = {}

    @property
    def engine(self) -> AsyncEngine:
        return self.hands.engine

    def turns(self) -> Iterator[int]:
        """One for each batch that this run may still take."""
        for turn in range(BATCHES):
            if self.hands.leaving.is_set():
                return
            yield turn

    def note(self, ref: str, what: str) -> None:
        """Remember that this was done for a question; no reference: for nobody's question in particular."""
        self.done.setdefault(ref, []).append(what)

    def count(self, state: str) -> None:
        """Remember where a letter ended up."""
        self.sent[state] = self.sent.get(state, 0) + 1

    @property
    def size(self) -> int:
        return sum(map(len, self.done.values()))

    @property
    def refs(self) -> list[str]:
        return [ref for ref in self.done if ref]


@asynccontextmanager
async def at_work(flow: str) -> AsyncIterator[Work]:
    """The work of a run, with what the runner lends; a run that Prefect started itself brings its own."""
    lent = LENT.get()
    hands = lent or Hands(open_engine(settings().database_url))
    try:
        yield Work(flow, hands)
    finally:
        if lent is None:
            await hands.engine.dispose()

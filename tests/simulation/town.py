"""Everything that one simulation consists of, and how real code is led to it."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from random import Random
from unittest import mock

import aiosqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import PRAGMAS, open_engine
from tests.cast import Cast
from tests.databases import sqlite_copy
from tests.simulation.clock import Clock
from tests.simulation.paper import written
from tests.simulation.post import SMTP, Server
from tests.simulation.processes import HERE, Line, Process

FIRST = datetime(2026, 9, 1, 7, 0, tzinfo=UTC)
HURRIED = (*(one for one in PRAGMAS if not one.startswith(("busy", "synch"))), "busy_timeout=0", "synchronous=OFF")


@dataclass(frozen=True)
class Plan:
    """What is played. `risk`: how likely a process dies at one boundary; `rudeness`: the mail server at one phase."""

    seed: int
    questions: int = 50
    months: float = 6
    risk: float = 0.002
    rudeness: float = 0.02


@dataclass
class Town:
    """Its clock, database, mail server and processes."""

    plan: Plan
    engine: AsyncEngine
    clock: Clock
    post: Server
    counts: Counter[str] = field(default_factory=Counter)
    acknowledged: list[tuple[int, int | None, int, str]] = field(default_factory=list)
    over: bool = False  # people have done what they wanted, and nothing goes wrong any more
    closed: bool = False
    runners_away_until: float = 0.0  # Prefect, Redis or the machine with the flows is gone

    def __post_init__(self) -> None:
        self.news = asyncio.Event()
        self.gone = set[str]()
        self._numbers = count(1)
        self._processes: dict[str, Process] = {}
        self._web: Process | None = None

    @cached_property
    def dice(self) -> Random:
        """For what belongs to nobody in particular."""
        return Random(f"{self.plan.seed}")

    async def meet(self) -> None:
        """Know everybody."""
        self.cast = await Cast.of(self.engine)

    def process(self, name: str) -> Process:
        """A new life of a process."""
        number = next(self._numbers)
        dice = Random(f"{self.plan.seed} {number}")
        made = Process(f"{name}/{number}/x", dice, 0 if self.over else self.plan.risk)
        self._processes[made.name] = made
        return made

    def all_die(self) -> None:
        """Web and runners, at the same moment."""
        for one in self._processes.values():
            if one.alive:
                one.die()

    def died(self, token: str | None) -> bool:
        """Whether the process is dead that signed so."""
        return not self._processes[(token or "").rpartition("/")[0]].alive

    @property
    def web(self) -> Process:
        """What people speak to; when it died the next one is there already."""
        if self._web is None or not self._web.alive:
            self._web = self.process("web")
        return self._web

    def tell(self) -> None:
        """There is news: who waits for work looks again."""
        self.news.set()
        self.news = asyncio.Event()


@contextmanager
def settled_on(town: Town) -> Iterator[None]:
    """Real code finds this town's clock, mail server and identities."""
    tokens = count(1)

    def token() -> str:
        here = HERE.get()
        return f"{here.name if here else 'nobody'}/{next(tokens)}"

    with ExitStack() as stack:
        Line.dice, SMTP.server = Random(f"{town.plan.seed} line"), town.post
        for what, instead in {
            "notifications.postbox.SMTP": SMTP, "notifications.postbox.time": town.clock.stopwatch(),
            "notifications.patience._random": Random(f"{town.plan.seed} patience"), "flows.work.new_token": token,
            "schemas.database.PRAGMAS": HURRIED, "flows.post.render": written,
            "flows.claims.gone": lambda signed: signed.rpartition("/")[0] in town.gone,
        }.items():  # fmt: skip
            stack.enter_context(mock.patch(what, instead))
        yield


class Place:
    """Where simulations are played, one after the other: one engine, which knows every statement already."""

    def __init__(self, template: Path, home: Path) -> None:
        self._template, self._file = template, home / "town.db"
        aiosqlite.core.Connection = Line  # type: ignore[misc]
        self.engine = open_engine(sqlite_copy(template, self._file))

    def fresh(self, plan: Plan) -> Town:
        """A town in which nothing has happened yet."""
        for old in self._file.parent.glob("town.db*"):
            old.unlink()
        sqlite_copy(self._template, self._file)
        dice = Random(f"{plan.seed} begin")
        begin = FIRST + timedelta(days=dice.randint(0, 75))
        return Town(plan, self.engine, Clock(begin), Server(Random(f"{plan.seed} post"), plan.rudeness))

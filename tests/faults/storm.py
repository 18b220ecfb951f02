"""A whole installation under load while three things go wrong at once, again and again, and what came of it.

The database is stopped in the middle (`immediate`) every 5 to 40 seconds, web processes and runners are killed with -9
(the process that works, or its parent and so both), and every connection to the mail server is reset.
"""

import asyncio
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select, update

from schemas.database import UNREACHABLE, open_engine, reading, writing
from schemas.ledger import Entry, Letter
from schemas.letter_events import LetterEvent
from schemas.moment import now
from schemas.replay import differing
from schemas.subjects import Question
from tests.cast import Cast
from tests.databases import fill
from tests.faults.cluster import Cluster
from tests.faults.crowd import Crowd
from tests.faults.doubts import doubts
from tests.faults.nursery import Nursery
from tests.faults.sink import Sink
from tests.faults.townsfolk import let_in, question
from tests.faults.workers import RUNNER, WEB, Worker, answers
from tests.flows.place import PrefectServer, environment, free_port
from tests.schemas.backup.places import faults

WEBS, RUNNERS = 2, 1
START = 180.0  # seconds that a part may take to start on a busy machine


@dataclass
class Storm:
    """`pause`: seconds between any two stops of the database. The others are hit as often, each in its own time."""

    seed: int
    pause: tuple[float, float] = (5.0, 40.0)

    def __post_init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="stadsvraag-storm-"))
        self.home.chmod(0o711)  # PostgreSQL is somebody else
        self.urls: list[str] = []
        self.webs: list[Worker] = []
        self.runners: list[Worker] = []
        self.nursery = Nursery("tests.faults.workers")
        self.cluster, self.sink = Cluster(self.home / "postgres"), Sink()
        (self.home / "prefect").mkdir()
        self.prefect = PrefectServer(self.home / "prefect")
        self._over = threading.Event()

    def open(self) -> None:
        """Start everything, with the example city in it."""
        self.cluster.start()
        self.sink.start()
        self.url = self.cluster.make("stadsvraag")
        asyncio.run(fill(self.url))
        asyncio.run(let_in(self.url))
        self.prefect.start()
        env = environment(self.url, self.sink.url, self.prefect.url, self.home)
        for n in range(WEBS):
            port = free_port()
            self.urls.append(f"http://127.0.0.1:{port}")
            self.webs.append(Worker(self.nursery, WEB, env, port, str(self.home / f"web{n}.log")))
        self.runners += [Worker(self.nursery, RUNNER, env, str(self.home / f"runner{n}.log")) for n in range(RUNNERS)]
        for one in (*self.webs, *self.runners):
            one.start()
        for url in self.urls:
            answers(url, START)

    def rage(self) -> None:
        """Begin; it goes on until `calm`."""
        dice = Random(self.seed)
        sources: list[tuple[Callable[[Random], None], tuple[float, float]]] = [
            (self._database, self.pause), (self._kill, self.pause), (lambda _: self.sink.cut(), (1.0, 8.0)),
        ]  # fmt: skip
        self._threads = [
            threading.Thread(target=self._again_and_again, args=(hit, pause, Random(dice.random())))
            for hit, pause in sources
        ]
        for one in self._threads:
            one.start()

    def _again_and_again(self, hit: Callable[[Random], None], pause: tuple[float, float], dice: Random) -> None:
        while not self._over.wait(dice.uniform(*pause)):
            hit(dice)

    def _database(self, dice: Random) -> None:
        self.cluster.crash()
        time.sleep(dice.uniform(0, 2))
        self.cluster.start()

    def _kill(self, dice: Random) -> None:
        kills = sum(one.kills for one in (*self.webs, *self.runners))
        part = dice.choice(self.webs if kills % 2 else self.runners)  # in turn
        if dice.random() < 0.5:
            part.kill()
        else:
            part.kill_at_work()
        if not part.lives:
            part.start()

    def hit_all(self) -> bool:
        """Whether each of the sources has struck more than once."""
        killed = [sum(one.kills for one in some) for some in (self.webs, self.runners)]
        return min(len(self.cluster.stops), self.sink.cuts, *killed) > 1

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self._over.set()
        for one in self._threads:
            one.join()

    def close(self) -> None:
        """Nothing stays behind."""
        self._over.set()
        for part in (*self.webs, *self.runners):
            part.kill()
        self.nursery.close()
        self.prefect.stop()
        self.cluster.stop()
        self.sink.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    async def crowd(self) -> Crowd:
        """The people who ask."""
        engine = open_engine(self.url)
        cast = await Cast.of(engine)
        await engine.dispose()
        return Crowd(self.urls, question(cast.amira, cast.hanna), Random(self.seed))

    async def settled(self, seconds: float) -> None:
        """Until nothing waits any more."""
        engine, end = open_engine(self.url), time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                if not await _left(engine):
                    return
                await _hurry(engine)
                await asyncio.sleep(1)
        finally:
            await engine.dispose()
        raise AssertionError(f"not settled within {seconds:.0f} seconds")

    async def counted(self, crowd: Crowd) -> Counter[str]:
        """What came of everything. Nothing is judged here."""
        engine = open_engine(self.url)
        async with reading(engine) as session:
            refs = list(await session.exec(select(Question.ref)))
            letters = (await session.exec(select(Letter.id, Letter.message_id, Letter.state))).all()
            retried = set(await session.exec(select(LetterEvent.letter_id).where(LetterEvent.what == "retried")))
            accepts = select(func.count(col(Entry.id))).where(Entry.step == "accept").group_by(col(Entry.question_id))
            twice = sum(count - 1 for count in await session.exec(accepts))
            clocks = len(await differing(session, 500))
            killed = [pid for one in self.runners for pid in one.killed]
            doubted = await doubts(session, self.sink, killed, self.cluster.stops)
        wrong = await faults(engine)
        await engine.dispose()
        taken, counts = self.sink.taken, Counter(crowd.counts)
        counts.update({
            "questions lost": len(set(crowd.refs.values()) - set(refs)),
            "questions doubled": len(refs) - len(crowd.refs),
            "letters owed": len(letters), "letters delivered": sum(taken[one] > 0 for _, one, _ in letters),
            "letters lost": sum(state == "sent" and not taken[one] for _, one, state in letters),
            "letters refused or still owed": sum(state not in ("sent", "uncertain") for _, _, state in letters),
            "letters doubled in silence": sum(taken[one] > 1 and id_ not in retried for id_, one, _ in letters),
            "letters uncertain": len(doubted.every),
            "of those had arrived": sum(taken[one] > 0 for one in doubted.every),
            "uncertain without a fault": len(doubted.unfounded),
            "stamped, the mail server had heard nothing yet": len(doubted.not_begun),
            "double advances": twice + len(wrong), "clocks that differ from their replay": clocks,
            "restarts of the database": len(self.cluster.stops), "mail connections reset, times": self.sink.cuts,
            "SMTP transactions open when a line broke": self.sink.open_when_broken,
            "answered, the line broke before the next": self.sink.answered_when_broken,
            "web processes killed": sum(one.kills for one in self.webs),
            "runners killed": sum(one.kills for one in self.runners),
        })  # fmt: skip
        return counts


async def _hurry(engine: AsyncEngine) -> None:
    """What was put off because the mail server broke off need not wait its eighty seconds here."""
    async with writing(engine) as session:
        later = update(Letter).where(col(Letter.state) == "owed", col(Letter.due_at) > now())
        await session.exec(later.values(due_at=now()))


async def _left(engine: AsyncEngine) -> int:
    try:
        async with reading(engine) as session:
            owed = select(func.count(col(Letter.id))).where(col(Letter.state).in_(("owed", "sending")))
            waiting = select(func.count(col(Entry.id))).where(col(Entry.followed_at).is_(None))
            return (await session.exec(owed)).one() + (await session.exec(waiting)).one()
    except UNREACHABLE:
        return 1

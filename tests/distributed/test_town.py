"""A whole installation while its parts are killed: no question lost, no letter lost or sent twice, no step twice."""

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from schemas.database import open_engine, reading
from schemas.ledger import Entry, Letter
from schemas.settings import settings
from schemas.subjects import Question
from stadsvraag.play import play_all
from tests.databases import Postgres
from tests.distributed.town import Town
from tests.flows.place import until
from tests.schemas.backup.places import faults

pytestmark = [pytest.mark.prefect, pytest.mark.postgres]
SENDERS = ("runner1", "runner2", "worker1", "worker2", *["sink"] * 4)
ONE_OF_EACH = ["web1", "runner1", "worker1", "api1", "services", "redis", "sink"]
PATIENCE = 300.0  # seconds, on a machine with much else to do


@pytest.fixture
def town(postgres: Postgres, tmp_path: Path) -> Iterator[Town]:
    with postgres.database() as ours, postgres.database() as theirs:
        made = Town(tmp_path, postgres.url(ours), postgres.url(theirs))
        try:
            made.start(PATIENCE)
            yield made
        finally:
            made.stop()


# What waits for the morning or for a digest is no sign of unfinished work.
ASLEEP = (col(Letter.state) == "kept") | (
    (col(Letter.state) == "owed") & (col(Letter.attempts) == 0) & (col(Letter.due_at) > func.now())
)


async def play(town: Town, each: int, seed: int) -> Counter[str]:
    """Questions by way of both web processes at once; how many ended in each state."""
    urls = [f"http://127.0.0.1:{town.ports[f'web{n}']}" for n in (1, 2)]
    halves = [play_all(town.home, url, each, seed + n, lambda: None) for n, url in enumerate(urls)]
    return sum((one.states for one in await asyncio.gather(*halves)), Counter[str]())


async def settled(town: Town) -> dict[str, str]:
    """Every letter's state by its Message-ID, once nothing waits any more."""
    engine, end = open_engine(town.database), time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            async with reading(engine) as session:
                letters = dict((await session.exec(select(Letter.message_id, Letter.state).where(~ASLEEP))).all())
                waiting = select(func.count(col(Entry.id))).where(col(Entry.followed_at).is_(None))
                if not {"owed", "sending"} & set(letters.values()) and not (await session.exec(waiting)).one():
                    return letters
            await asyncio.sleep(0.5)
    finally:
        await engine.dispose()
    raise AssertionError(f"not settled: {Counter(letters.values())}")


async def counted(town: Town, sent: int, ends: Counter[str]) -> dict[str, int]:
    """What became of everything."""
    letters, received = await settled(town), town.received()
    engine = open_engine(town.database)
    async with reading(engine) as session:
        found = (await session.exec(select(func.count(col(Question.id))))).one()
    wrong = await faults(engine)
    await engine.dispose()
    assert wrong == []
    lost = [one for one, state in letters.items() if state == "sent" and one not in received]
    twice = [one for one, count in received.items() if count > 1]
    return {
        "questions sent": sent, "acknowledged": ends.total(), "questions lost": ends.total() - found,
        "letters owed": len(letters), "delivered": len(received), "letters lost": len(lost), "twice": len(twice),
        "uncertain": sum(state == "uncertain" for state in letters.values()), "double advances": len(wrong),
        "kills": sum(part.kills for part in town.parts.values()),
    }  # fmt: skip


def tell(capsys: pytest.CaptureFixture[str], what: str, *rows: object) -> None:
    with capsys.disabled():
        print(f"\n{what}: ", *rows, sep="\n  ")  # noqa: T201


def promised(count: dict[str, int], killed: int) -> None:
    """0 lost, none twice; uncertain at most what was open when a sender or the mail server was killed.

    A sender has a letter open on each of its connections; the mail server those of all four.
    """
    assert count["acknowledged"] == count["questions sent"]
    assert (count["questions lost"], count["letters lost"], count["twice"], count["double advances"]) == (0, 0, 0, 0)
    assert count["uncertain"] <= killed * settings().mail_connections


async def plagued(
    town: Town, each: int, seed: int, pause: tuple[float, float], names: list[str], rounds: int = 1
) -> Counter[str]:
    """Play while these parts are killed, in any order."""
    over = threading.Event()
    killer = threading.Thread(target=town.plague, args=(over.is_set, random.Random(seed), pause, names, rounds))
    killer.start()
    try:
        return await play(town, each, seed)
    finally:
        over.set()
        killer.join()


def by_the_pool(town: Town) -> Callable[[], bool]:
    """Let Prefect start the flow `deliver` by its pool; whether a worker has completed it."""
    found = town.prefect(2, "/deployments/filter", {"deployments": {"name": {"any_": ["deliver"]}}})
    run = town.prefect(2, f"/deployments/{found[0]['id']}/create_flow_run", {})

    def done() -> bool:
        [now] = town.prefect(1, "/flow_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
        return bool(now["state"]["type"] == "COMPLETED")

    return done


async def test_one_of_each_is_killed(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    ends = await plagued(town, 2, 7, (0.3, 1.2), ONE_OF_EACH)
    count = await counted(town, 4, ends)
    tell(capsys, "a town that is killed", count, ends)
    promised(count, sum(town.parts[name].kills for name in SENDERS))
    await asyncio.to_thread(until, by_the_pool(town), PATIENCE)
    traces = {line["trace"] for n in (1, 2) for line in town.said(f"web{n}") if line.get("ref")}
    followed = {line.get("trace") for n in (1, 2) for line in town.said(f"runner{n}") if line["message"] == "follows"}
    assert traces & followed, "no trace goes from a request to the flow that followed it"
    tell(capsys, "MB", {name: round(part.memory()) for name, part in town.parts.items()})


@pytest.mark.nightly
async def test_for_long(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    each = 60
    ends = await plagued(town, each, 11, (0.5, 20.0), list(town.parts), rounds=1000)
    count = await counted(town, 2 * each, ends)
    tell(capsys, "a town that is killed for long", count, {name: part.kills for name, part in town.parts.items()})
    promised(count, sum(town.parts[name].kills for name in SENDERS))

"""The flows themselves, without Prefect around them: the same functions, their tasks called as what they are.

For tests that run a flow thousands of times, or kill it thousands of times. Prefect decides nothing in our flows (it
starts them and is told of them); that the two work together is what `tests/flows` and `tests/distributed` show.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable
from types import ModuleType
from typing import Any

from prefect import Flow, Task
from sqlalchemy.ext.asyncio import AsyncEngine

from flows import after_step, committee_pack, deadlines, deliver, digest, hand_in, prospects, receive, telling
from flows.waiting import look, onlooker
from flows.work import LENT, Hands
from notifications.inboxes import inbox_of
from schemas.settings import settings

Bare = Callable[[], Awaitable[int]]
STEPS = (after_step, deliver, deadlines, committee_pack)  # what follows from steps and days
# What reckons ahead, what gathers and what comes in: no step waits for these.
BESIDE = (prospects, hand_in, digest, receive)


def _tell_nobody(*_: Any, **__: Any) -> None:
    """In the place of Prefect's events."""


async def _keep_nothing(*_: Any, **__: Any) -> None:
    """In the place of Prefect's reports."""


def strip(modules: Iterable[ModuleType] = (*STEPS, *BESIDE)) -> dict[str, Bare]:
    """Takes Prefect off these flows of this process for good; each by its name."""
    telling.emit_event = _tell_nobody  # type: ignore[assignment]
    telling.acreate_markdown_artifact = _keep_nothing  # type: ignore[assignment]
    after_step.STAYS = 0.0  # without a price of its own a run need not stay for more
    return {name: flow for module in modules for name, flow in _stripped(module)}


def _stripped(module: ModuleType) -> list[tuple[str, Bare]]:
    for name, one in list(vars(module).items()):
        if isinstance(one, Task):
            setattr(module, name, one.fn)
    return [(one.name, one.fn) for one in vars(module).values() if isinstance(one, Flow)]


async def waiting_for(flows: Collection[str], reader: AsyncEngine) -> list[str]:
    """Which of these flows have work."""
    waiting = (await look(reader))._asdict()
    if receive.receive.name in flows:
        where = settings().inbox.get_secret_value()
        waiting[receive.receive.name] = bool(where) and inbox_of(where).waiting()
    return [name for name, there_is in waiting.items() if there_is and name in flows]


async def work_through(flows: dict[str, Bare], hands: Hands, rounds: int = 50) -> int:
    """As the runner's rounds: look what waits, and run the flows that have work, until none has; how much was done."""
    token, done, reader = LENT.set(hands), 0, onlooker(hands.engine)
    try:
        for _ in range(rounds):
            waiting = await waiting_for(flows, reader)
            if not waiting:
                return done
            done += sum([await flows[name]() for name in waiting])
    finally:
        LENT.reset(token)
    raise AssertionError("the flows find work without end")

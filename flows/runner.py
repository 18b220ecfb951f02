"""The long-lived runner: executes the flows in its own process, within a second of a commit that gives them work."""

import asyncio
import os
import signal
from collections.abc import Callable
from threading import Thread

import uvloop

from schemas.database import open_engine
from schemas.moment import now
from schemas.settings import Settings

ASKED = {signal.SIGTERM, signal.SIGINT}
DEFAULT_API = "http://127.0.0.1:4200/api"
# Only what is seen in Prefect's pages is sent there: runs, tasks, names, tags, reports; log lines from warnings up.
QUIETLY = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_API_REQUEST_TIMEOUT": "20",
}


def run(settings: Settings) -> None:
    """As `run_forever`, in a loop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run_forever(settings))


async def run_forever(settings: Settings) -> None:
    """Run the flows until SIGTERM or SIGINT; then finish what is in hand, within five seconds, and return.

    Prefect or the database being away only makes the work wait.
    """
    prepare(settings)
    signal.pthread_sigmask(signal.SIG_BLOCK, ASKED)  # before there are other threads
    # Prefect reads its settings when it is imported.
    from prefect.context import AsyncClientContext

    from flows.gate import open_client
    from flows.rounds import Rounds
    from flows.work import LENT, Hands

    hands = Hands(open_engine(settings.database_url))
    LENT.set(hands)
    async with AsyncClientContext(), open_client() as prefect:  # one connection for all runs, and one to begin them
        rounds = Rounds(hands, prefect, settings.poll_seconds)
        when_asked(rounds.leave)
        await rounds.go()
    await hands.engine.dispose()


def when_asked(leave: Callable[[], None]) -> None:
    """Call `leave` in this loop when one of the blocked signals comes."""
    # Prefect puts a handler of its own in place of ours during every run, which would break the run off in the middle.
    # A signal that is blocked never reaches a handler; a thread that waits for it hears it all the same.
    loop = asyncio.get_running_loop()

    def wait() -> None:
        signal.sigwait(ASKED)
        loop.call_soon_threadsafe(leave)

    Thread(target=wait, name="asked to leave", daemon=True).start()


def import_all(settings: Settings) -> None:
    """What a runner works with, for a process that is to be forked; the holidays too, which the first term needs."""
    prepare(settings)
    import flows.rounds  # noqa: F401
    from schemas.days_off import public_holidays

    public_holidays(now().year)


def prepare(settings: Settings) -> None:
    """Put Prefect's settings into the environment; what an operator has set there stays."""
    os.environ["PREFECT_API_URL"] = settings.prefect_api_url or os.environ.get("PREFECT_API_URL") or DEFAULT_API
    os.environ.setdefault("PREFECT_HOME", str((settings.data_dir / "prefect").resolve()))
    for name, value in QUIETLY.items():
        os.environ.setdefault(name, value)

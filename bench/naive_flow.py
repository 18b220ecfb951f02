"""The way not taken: a Prefect run for each step. Imported only once Prefect's settings stand in the environment."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect import flow, task
from prefect.client.orchestration import get_client
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound

NAME = "naive/one-step"


@task
async def keep() -> None:
    """Stands for the transaction."""


@task
async def post() -> None:
    """Stands for the letter."""


@flow(name="naive")
async def step() -> None:
    """A step with two tasks that do nothing: what is measured is Prefect."""
    await keep()
    await post()


@contextmanager
def served(home: Path) -> Iterator[Callable[[], Awaitable[object]]]:
    """The same flow as a deployment, served by a process of its own; a call of it runs one and waits for its end."""
    with (home / "naive.log").open("ab") as log:
        server = subprocess.Popen([sys.executable, "-m", "bench.naive_flow"], stdout=log, stderr=log)
    try:
        asyncio.run(_known())
        yield _one
    finally:
        server.terminate()
        server.wait(30)


async def _one() -> None:
    done = await arun_deployment(NAME, timeout=120, poll_interval=0.2)
    if done.state is None or not done.state.is_completed():
        raise RuntimeError(f"the run ended as {done.state}")


async def _known(patience: float = 60) -> None:
    """Wait until the server has heard of the deployment."""
    end = time.monotonic() + patience
    async with get_client() as client:
        while True:
            try:
                await client.read_deployment_by_name(NAME)
            except ObjectNotFound:
                if time.monotonic() > end:
                    raise
                await asyncio.sleep(0.5)
            else:
                return


if __name__ == "__main__":
    step.serve(name="one-step")

"""The way to Prefect: whether it answers, starting runs there, and closing those that died without saying so."""

import asyncio
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowFilter, FlowRunFilter
from prefect.flow_engine import run_flow_async
from prefect.states import Crashed, Pending

from flows.identity import gone, me

PATIENCE = 3.0  # seconds
SOON = 0.1  # seconds
BUSY = 503
MARK = "runner:"
STOPPED = "The process that ran this is gone. What it had in hand is taken up by another run."


def open_client() -> PrefectClient:
    """For what the runner itself asks of Prefect; runs have a client of their own."""
    return get_client(httpx_settings={"event_hooks": {"response": [_soon]}})


async def _soon(answer: Any) -> None:
    # Of two who write at the same moment Prefect on SQLite refuses one, as a rule one of two runs that begin at once.
    # Its client would try again after two seconds, then four, and so on for two minutes; we can wait by ourselves.
    if answer.status_code == BUSY:
        kept = answer.request.extensions
        kept["refused"] = 2 * kept.get("refused", SOON / 2)
        answer.headers.setdefault("Retry-After", str(kept["refused"]))


async def trouble(client: PrefectClient) -> str | None:
    """What is wrong with Prefect, or None when it answers."""
    try:
        error = await asyncio.wait_for(client.api_healthcheck(), PATIENCE)
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} seconds"
    return type(error).__name__ if error else None


async def run(client: PrefectClient, flow: Flow[[], Any], open_runs: set[UUID]) -> Any:
    """Run a flow here and now, under our mark; what it returned. Raises whatever it raises."""
    made = await client.create_flow_run(flow, name=f"{flow.name}: starting", tags=[MARK + me()], state=Pending())
    open_runs.add(made.id)
    try:
        return await run_flow_async(flow, flow_run=made)
    finally:
        open_runs.discard(made.id)


async def close_orphans(client: PrefectClient, names: list[str], open_runs: set[UUID]) -> int:
    """Runs that Prefect believes to be going but whose runner is no more: crashed. How many."""
    going = FlowRunFilter.model_validate({"state": {"type": {"any_": ["RUNNING", "PENDING"]}}})
    ours = FlowFilter.model_validate({"name": {"any_": names}})
    closed = 0
    for found in await client.read_flow_runs(flow_filter=ours, flow_run_filter=going, limit=200):
        marks = [tag.removeprefix(MARK) for tag in found.tags if tag.startswith(MARK)]
        left = marks == [me()] and found.id not in open_runs
        if left or any(map(gone, marks)):
            await client.set_flow_run_state(found.id, Crashed(message=STOPPED), force=True)
            closed += 1
    return closed

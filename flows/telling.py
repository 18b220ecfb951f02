"""How a run looks in Prefect: name, tags, report, and the events it leaves. Nothing of ours depends on them."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient
from prefect.context import FlowRunContext
from prefect.events import emit_event

from flows.claims import Taken
from flows.work import Work
from schemas.settings import settings

FLOW: dict[str, Any] = {"validate_parameters": False, "persist_result": False}
TASK: dict[str, Any] = {"cache_policy": NO_CACHE, "persist_result": False}
# Only around the database, where a second time does no harm; never around the post.
SAFE: dict[str, Any] = {**TASK, "retries": 4, "retry_delay_seconds": [0.5, 1, 3, 10], "retry_jitter_factor": 0.5}
TAGS, ROWS, WORDS = 20, 200, 4
log = logging.getLogger(__name__)


def name_of(work: Work) -> str:
    """`ES-2026-0001-K: accept` when one question waited, else `37 questions`."""
    refs = work.refs
    if len(refs) > 1:
        return f"{len(refs)} questions"
    what = list(dict.fromkeys(work.done[refs[0]] if refs else work.done.get("", [])))
    shown = ", ".join(what[:WORDS]) + (" …" if len(what) > WORDS else "")
    if refs:
        return f"{refs[0]}: {shown}"
    return f"{work.size} times {shown}" if work.size > 1 else shown or "nothing waiting"


def report_of(work: Work) -> str:
    """What was done, as a table; long ones are cut."""
    rows = [f"| {ref or '–'} | {_counted(what)} |" for ref, what in work.done.items()]
    rest = [f"\n… and {len(rows) - ROWS} more."] if len(rows) > ROWS else []
    letters = ", ".join(f"{count} {state}" for state, count in work.sent.items()) or "none"
    return "\n".join([f"Letters: {letters}\n", "| question | done |", "|---|---|", *rows[:ROWS], *rest])


def _counted(what: list[str]) -> str:
    return ", ".join(f"{one} ({count}×)" if count > 1 else one for one, count in Counter(what).items())


async def name_run(work: Work) -> None:
    """Name and tag this run after the questions in it."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    name, run = name_of(work), context.flow_run
    if name == run.name:
        return
    tags = [*run.tags, *(ref for ref in work.refs if ref not in run.tags)][:TAGS]
    with unheard(work):
        await cast("PrefectClient", context.client).update_flow_run(run.id, name=name, tags=tags)
        run.name = name


async def report(work: Work) -> int:
    """Leave name, tags and report in Prefect; how much was done."""
    if work.size:
        await name_run(work)
        with unheard(work):
            await acreate_markdown_artifact(report_of(work), key=work.flow.replace("_", "-"))
    return work.size


@contextmanager
def unheard(work: Work) -> Iterator[None]:
    """Prefect not hearing of our work must not keep us from it."""
    try:
        yield
    except Exception as error:
        log.warning("Prefect was not told of a run of %s: %s", work.flow, type(error).__name__)


def announce(work: Work, taken: Iterable[Taken]) -> None:
    """One event per entry, for operators' automations. The same entry always makes the same event."""
    for one in taken:
        with unheard(work):
            emit_event(
                f"stadsvraag.{one.step}",
                {"prefect.resource.id": f"stadsvraag.question.{one.ref or one.id}", "prefect.resource.name": one.ref},
                payload={"from": one.from_state, "to": one.to_state, "trajectory": one.trajectory},
                id=uuid5(NAMESPACE_URL, f"{settings().base_url}/entries/{one.id}/{one.at.isoformat()}"),
                occurred=one.at,
            )

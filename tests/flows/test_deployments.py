"""prefect.yaml says of every flow how it is run, and a real Prefect server takes it."""

import asyncio
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect import Flow

from tests.flows.conftest import House
from tests.flows.making import letters, submitted
from tests.flows.place import ROOT, Mailbox, PrefectServer, spawn, until

DECLARED: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
FLOW_FILES = sorted(path.stem for path in (ROOT / "flows").glob("*.py") if "\n@flow(" in path.read_text())


def prefect(server: PrefectServer, *words: str) -> subprocess.CompletedProcess[str]:
    """Prefect's own command line."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", *words]
    env = server.env | {
        "PATH": str(Path(sys.executable).parent),
        "PYTHONPATH": str(ROOT),
        "STADSVRAAG_SECRET_KEY": "x" * 30,
    }
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=180
    )


@pytest.fixture(scope="session")
def deployed(prefect_server: PrefectServer) -> dict[str, dict[str, Any]]:
    """What the server knows after `prefect deploy --all`, by name."""
    pool = prefect(prefect_server, "work-pool", "create", "stadsvraag", "--type", "process")
    assert pool.returncode == 0, pool.stderr + pool.stdout
    done = prefect(prefect_server, "deploy", "--all")
    assert done.returncode == 0, done.stderr + done.stdout
    return {one["name"]: one for one in prefect_server.ask("deployments/filter", {})}


def test_every_flow_is_declared() -> None:
    assert [one["name"] for one in DECLARED] == sorted(FLOW_FILES, key=[one["name"] for one in DECLARED].index)
    assert {"after_step", "deliver", "deadlines"} <= set(FLOW_FILES)


@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one["name"])
def test_file_flow_and_deployment_have_one_name(one: dict[str, Any]) -> None:
    module, _, name = one["entrypoint"].rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    assert isinstance(flow, Flow)
    assert one["name"] == name == flow.name == module.removeprefix("flows.")


def test_a_flow_needs_no_other_to_know_the_tables() -> None:
    code = "import flows.after_step; from sqlmodel import SQLModel; print(len(SQLModel.metadata.sorted_tables))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_no_place_of_one_machine_is_named() -> None:
    text = (ROOT / "prefect.yaml").read_text()
    assert str(ROOT) not in text
    assert yaml.safe_load(text)["pull"] == []


@pytest.mark.prefect
@pytest.mark.parametrize("one", DECLARED, ids=lambda one: one["name"])
def test_a_server_takes_it(deployed: dict[str, dict[str, Any]], one: dict[str, Any]) -> None:
    known = deployed[one["name"]]
    assert known["entrypoint"] == one["entrypoint"]
    assert known["work_pool_name"] == "stadsvraag"
    assert known["pull_steps"] == []
    assert set(one["tags"]) <= set(known["tags"])
    assert [s["schedule"]["cron"] for s in known["schedules"]] == [s["cron"] for s in one["schedules"]]
    assert known["global_concurrency_limit"]["limit"] == 1
    assert known["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"


@pytest.mark.prefect
@pytest.mark.nightly
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_process_worker_runs_it(
    house: House, mailbox: Mailbox, prefect_server: PrefectServer, deployed: dict[str, dict[str, Any]]
) -> None:
    await submitted(house.engine, 2)
    env = {**prefect_server.env, **house.env, "PYTHONPATH": str(ROOT)}
    args = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "stadsvraag", "--limit", "1"]
    worker = spawn(args, env, house.home / "worker.log")
    try:
        made = prefect_server.ask(f"deployments/{deployed['after_step']['id']}/create_flow_run", {})
        ended = {"id": {"any_": [made["id"]]}, "state": {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED"]}}}
        await asyncio.to_thread(until, lambda: prefect_server.runs(flow_runs=ended), 120)
        [run] = prefect_server.runs(flow_runs=ended)
        assert (run["state_type"], run["name"]) == ("COMPLETED", "2 questions")
    finally:
        worker.terminate()
        worker.wait(20)
    rows = await letters(house.engine)
    assert {one.state for one in rows} == {"sent"}
    assert mailbox.counts() == {one.message_id: 1 for one in rows}

"""The automations of deploy/prefect/ on a real Prefect server: taken as they are, and they do what they say."""

import subprocess
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.flows.place import ROOT, PrefectServer, until
from tests.flows.test_deployments import prefect

FILE = ROOT / "deploy" / "prefect" / "automations.yaml"
DECLARED: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["automations"]
pytestmark = pytest.mark.prefect


def created(server: PrefectServer, file: Path) -> subprocess.CompletedProcess[str]:
    return prefect(server, "automation", "create", "--from-file", str(file))


def post(server: PrefectServer, path: str, body: Any) -> Any:
    answer = httpx2.post(f"{server.url}/{path}", json=body, timeout=30).raise_for_status()
    return answer.json() if answer.content else None


def running(server: PrefectServer) -> str:
    """A run that somebody began and left."""
    flow = post(server, "flows/", {"name": "left alone"})
    state = {"type": "RUNNING"}
    return str(post(server, "flow_runs/", {"flow_id": flow["id"], "state": state})["id"])


def heartbeat(server: PrefectServer, run: str) -> None:
    resource = {"prefect.resource.id": f"prefect.flow-run.{run}"}
    event = {"occurred": datetime.now(UTC).isoformat(), "event": "prefect.flow-run.heartbeat", "resource": resource,
             "payload": {}, "id": str(uuid.uuid4())}  # fmt: skip
    post(server, "events", [event])


def state_of(server: PrefectServer, run: str) -> str:
    found = httpx2.get(f"{server.url}/flow_runs/{run}", timeout=30).raise_for_status().json()
    return str(found["state"]["type"])


def test_the_server_takes_them_as_they_are(prefect_server: PrefectServer) -> None:
    done = created(prefect_server, FILE)
    assert done.returncode == 0, done.stderr + done.stdout
    known = {one["name"]: one for one in prefect_server.ask("automations/filter", {})}
    for one in DECLARED:
        made = known[one["name"]]
        assert made["enabled"]
        assert made["trigger"]["within"] == one["trigger"]["within"]
        assert [action["type"] for action in made["actions"]] == [action["type"] for action in one["actions"]]


def test_a_run_without_a_sign_of_life_is_called_crashed(prefect_server: PrefectServer, tmp_path: Path) -> None:
    hasty = {**DECLARED[0], "name": "hasty", "trigger": {**DECLARED[0]["trigger"], "within": 10}}
    (tmp_path / "hasty.yaml").write_text(yaml.safe_dump({"automations": [hasty]}), encoding="utf-8")
    assert created(prefect_server, tmp_path / "hasty.yaml").returncode == 0
    silent, untouched = running(prefect_server), running(prefect_server)
    heartbeat(prefect_server, silent)
    until(lambda: state_of(prefect_server, silent) == "CRASHED", 90)
    seen = state_of(prefect_server, untouched)
    post(prefect_server, f"flow_runs/{untouched}/set_state", {"state": {"type": "CANCELLED"}, "force": True})
    assert seen == "RUNNING", "it never sent a heartbeat, so nothing is known of it"

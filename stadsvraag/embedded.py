"""What `stadsvraag up` consists of: four processes, and the environment that lets them find each other."""

import os
import sys
from functools import partial
from pathlib import Path

from stadsvraag.asking import answers, greets
from stadsvraag.child import Child
from stadsvraag.ports import HOST

ROOT = Path(__file__).resolve().parent.parent

_SERVICES = "PREFECT_SERVER_SERVICES_"
# All that Prefect does still works; what it looks for every few seconds it looks for every minute, as one machine and
# a handful of runs need: a third less work when idle. Its own server sweeps up old runs and events.
PREFECT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT60S",
    f"{_SERVICES}SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "60",
    f"{_SERVICES}LATE_RUNS_LOOP_SECONDS": "60",
    f"{_SERVICES}FOREMAN_LOOP_SECONDS": "60",
    f"{_SERVICES}PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    f"{_SERVICES}REPOSSESSOR_LOOP_SECONDS": "60",
    f"{_SERVICES}CANCELLATION_CLEANUP_LOOP_SECONDS": "60",
    f"{_SERVICES}CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    # By default each state of each task is a transaction of its own: most of what a run costs Prefect.
    f"{_SERVICES}TASK_RUN_RECORDER_BATCH_SIZE": "100",
    f"{_SERVICES}TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    f"{_SERVICES}EVENT_PERSISTER_BATCH_SIZE": "100",
    f"{_SERVICES}DB_VACUUM_ENABLED": "events,flow_runs",
    f"{_SERVICES}DB_VACUUM_RETENTION_PERIOD": str(30 * 24 * 3600),
}


def environment(data: Path, ports: dict[str, int], secret: str) -> dict[str, str]:
    """What every child is given.

    Set by hand and kept: STADSVRAAG_DATABASE_URL, _BASE_URL, _SECRET_KEY and whatever is not named here. Prefect's own
    settings are taken from nowhere else: those of another installation would lead to its server.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    chosen = {
        "STADSVRAAG_DATABASE_URL": f"sqlite+aiosqlite:///{data / 'stadsvraag.db'}",
        "STADSVRAAG_BASE_URL": f"http://{HOST}:{ports['web']}",
        "STADSVRAAG_SECRET_KEY": secret,
    }
    prefect = f"http://{HOST}:{ports['prefect']}"
    forced = {
        "STADSVRAAG_ENVIRONMENT": "demo",
        "STADSVRAAG_DATA_DIR": str(data),
        "STADSVRAAG_SMTP_URL": f"smtp://{HOST}:{ports['smtp']}?tls=none",
        "STADSVRAAG_PREFECT_API_URL": f"{prefect}/api",
        "STADSVRAAG_PREFECT_UI_URL": prefect,
        "PREFECT_HOME": str(data / "prefect"),
        "PREFECT_API_URL": f"{prefect}/api",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # threads that share their memory's leftovers: some megabytes less each
    }
    return chosen | inherited | PREFECT | forced


def compose(data: Path, ports: dict[str, int], env: dict[str, str]) -> list[Child]:
    """The children, in the order in which they start; the form takes questions in before Prefect is there."""
    python = sys.executable
    web, smtp, prefect = ports["web"], ports["smtp"], ports["prefect"]
    postoffice = [python, "-m", "stadsvraag.postoffice", "--host", HOST, "--port", str(smtp)]
    return [
        Child("postoffice", [*postoffice, "--maildir", str(data / "mailbox")], env, partial(greets, smtp), cwd=ROOT),
        Child("web", [python, "-m", "stadsvraag", "web", "--host", HOST, "--port", str(web)], env,
              partial(answers, web, "/health/live"), cwd=ROOT),
        Child("prefect", [python, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(prefect)], env,
              partial(answers, prefect, "/api/health"), after=("web",), cwd=data),
        # Beside Prefect, which it asks every second until it answers; at its end it has five for work in hand.
        Child("flows", [python, "-m", "stadsvraag", "flows"], env, partial(answers, web, "/health/ready"),
              after=("web",), cwd=ROOT, grace=8.0),
    ]  # fmt: skip

"""`stadsvraag up` as a whole: ready, killed, ready again, stopped; and why it sometimes will not start."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil  # type: ignore[import-untyped]
import pytest

from stadsvraag.asking import answers
from stadsvraag.embedded import ROOT, environment
from stadsvraag.ports import HOST, pick
from stadsvraag.up import secret_key
from tests.stadsvraag.house import lives, wait_for

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("STADSVRAAG_", "PREFECT_"))}
MINUTES = 180.0
Up = subprocess.Popen[str]


def begin(data: Path, port: int) -> Up:
    command = [sys.executable, "-m", "stadsvraag", "up", "--port", str(port), "--data", str(data), "--no-browser"]
    return subprocess.Popen(command, env=CLEAN, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[list[Up]]:
    """Whatever is put in is stopped afterwards."""
    started: list[Up] = []
    yield started
    for one in started:
        one.kill()
        one.communicate()


def welcome(up: Up) -> str:
    """What it says until it is ready."""
    assert up.stdout is not None
    said = ""
    while "Everything is kept" not in said:
        line = up.stdout.readline()
        assert line, f"{said}\n{up.communicate()[1]}"
        said += line
    return said


def offspring(up: Up) -> dict[str, int]:
    """Pid of each child by the words on the command line that tell it apart."""
    kinds = {"postoffice": "stadsvraag.postoffice", "web": " web ", "prefect": "prefect server", "flows": " flows"}
    alive = [one for one in psutil.Process(up.pid).children() if lives(one.pid)]
    lines = {one.pid: " ".join(one.cmdline()) for one in alive}
    return {kind: pid for kind, mark in kinds.items() for pid, line in lines.items() if mark in line}


@pytest.mark.prefect
def test_ready_killed_ready_again_and_stopped(tmp_path: Path, running: list[Up]) -> None:
    port = pick(set())
    running.append(begin(tmp_path, port))
    # The form takes questions in long before Prefect is there.
    wait_for(lambda: answers(port, "/health/live"), seconds=MINUTES)
    said = welcome(running[0])
    assert f"Stadsvraag is ready: http://{HOST}:{port}\n" in said
    for path in re.findall(rf"http://{HOST}:{port}(/demo/\w+)", said):
        assert httpx2.get(f"http://{HOST}:{port}{path}").status_code == 200
    first = offspring(running[0])
    assert set(first) == {"postoffice", "web", "prefect", "flows"}

    if sys.platform == "linux":  # elsewhere the one that serves is the supervisor's own child
        psutil.Process(first["web"]).children()[0].kill()
        wait_for(lambda: answers(port, "/health/live"), seconds=10)
        assert offspring(running[0]) == first

    os.kill(first["web"], signal.SIGKILL)
    wait_for(lambda: offspring(running[0]).get("web", first["web"]) != first["web"])
    wait_for(lambda: answers(port, "/health/live"), seconds=MINUTES)

    everybody = list(offspring(running[0]).values())
    running[0].kill()
    wait_for(lambda: not any(map(lives, everybody)), "somebody outlived the supervisor")

    running.append(begin(tmp_path, port))
    assert "Stadsvraag is ready" in welcome(running[1])
    everybody = list(offspring(running[1]).values())
    running[1].send_signal(signal.SIGINT)
    assert running[1].wait(30) == 0
    assert not any(map(lives, everybody))
    assert (tmp_path / "prefect" / "prefect.db").exists()


def test_a_taken_port_is_told_at_once(tmp_path: Path, running: list[Up]) -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        running.append(begin(tmp_path, port))
        said, why = running[0].communicate(timeout=30)
    assert running[0].returncode == 1
    assert re.match(rf"Port {port} is taken by another program. Choose one yourself: --port \d+\n$", why)
    assert said == ""


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path, running: list[Up]) -> None:
    (tmp_path / "file").touch()
    running.append(begin(tmp_path / "file" / "var", pick(set())))
    _, why = running[0].communicate(timeout=30)
    assert running[0].returncode == 1
    assert "Traceback" not in why
    assert str(tmp_path / "file") in why


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    key = secret_key(tmp_path)
    assert len(key) >= 48
    assert secret_key(tmp_path) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_what_the_operator_chose_stays_and_another_prefect_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STADSVRAAG_DATABASE_URL", "postgresql://somewhere/else")
    monkeypatch.setenv("STADSVRAAG_ENVIRONMENT", "production")
    monkeypatch.setenv("PREFECT_API_KEY", "of another installation")
    monkeypatch.delenv("STADSVRAAG_SECRET_KEY", raising=False)
    env = environment(tmp_path, {"web": 1, "smtp": 2, "prefect": 3}, "key")
    assert env["STADSVRAAG_DATABASE_URL"] == "postgresql://somewhere/else"
    assert env["STADSVRAAG_ENVIRONMENT"] == "demo"
    assert env["STADSVRAAG_SECRET_KEY"] == "key"
    assert env["STADSVRAAG_SMTP_URL"] == f"smtp://{HOST}:2?tls=none"
    assert env["PREFECT_API_URL"] == f"http://{HOST}:3/api"
    assert "PREFECT_API_KEY" not in env

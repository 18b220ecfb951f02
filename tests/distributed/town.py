"""A whole installation on one machine, as on many: two of everything that may be two."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx2
from dotenv import dotenv_values

from tests.databases import ROOT
from tests.deploy.said import DEPLOY
from tests.distributed.parts import Part, command
from tests.flows.place import free_port


class Town:
    """Its parts by name; each is started by the command of its unit and with the settings of the examples."""

    def __init__(self, home: Path, database: str, prefect_database: str) -> None:
        self.home, self.database = home, database
        self.ports = {name: free_port() for name in ("smtp", "redis", "web1", "web2", "api1", "api2")}
        self.parts = {part.name: part for part in self._parts(prefect_database)}

    def ours(self, n: int) -> dict[str, str]:
        """The settings of our programs; number 1 asks the first of Prefect's servers, number 2 the second."""
        return {
            "STADSVRAAG_SECRET_KEY": "for-tests-only-0123456789abcdefghij", "STADSVRAAG_ENVIRONMENT": "demo",
            "STADSVRAAG_DATABASE_URL": self.database, "STADSVRAAG_DATA_DIR": str(self.home),
            "STADSVRAAG_SMTP_URL": f"smtp://127.0.0.1:{self.ports['smtp']}?tls=none", "STADSVRAAG_LOG_FORMAT": "json",
            "STADSVRAAG_CITY": str(ROOT / "cities/twente"), "STADSVRAAG_PREFECT_API_URL": self.api(n),
            "STADSVRAAG_BASE_URL": f"http://127.0.0.1:{self.ports['web1']}", "PREFECT_API_URL": self.api(n),
            "PREFECT_API_AUTH_STRING": self._example["PREFECT_API_AUTH_STRING"], "DO_NOT_TRACK": "1",
            "PREFECT_HOME": str(self.home / f"prefect{n}"), "PREFECT_WORKER_QUERY_SECONDS": "2",
        }  # fmt: skip

    def api(self, n: int) -> str:
        return f"http://127.0.0.1:{self.ports[f'api{n}']}/api"

    @property
    def _example(self) -> dict[str, str]:
        found = dotenv_values(DEPLOY / "prefect" / "prefect.env.example")
        return {name: value or "" for name, value in found.items()}

    def theirs(self, n: int, database: str) -> dict[str, str]:
        """The settings of Prefect's servers: those of the example, on this machine's ports."""
        redis = str(self.ports["redis"])
        return self._example | {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database, "PREFECT_API_URL": self.api(n),
            "PREFECT_SERVER_DATABASE_MIGRATE_ON_START": "true" if n == 1 else "false",
            "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{redis}/0", "PREFECT_REDIS_MESSAGING_PORT": redis,
            "PREFECT_HOME": str(self.home / f"server{n}"),
        }  # fmt: skip

    def _parts(self, prefect_database: str) -> list[Part]:
        ports, home = self.ports, self.home
        sink = [
            sys.executable,
            "-m",
            "stadsvraag.postoffice",
            "--port",
            str(ports["smtp"]),
            "--maildir",
            str(home / "mail"),
        ]
        redis = ["redis-server", "--port", str(ports["redis"]), "--save", "", "--appendonly", "no"]
        made = [Part("redis", redis, {}, home), Part("sink", [*sink, "--maildir", str(home / "mail")], {}, home)]
        for n in (1, 2):
            web, api = str(ports[f"web{n}"]), str(ports[f"api{n}"])
            made += [
                Part(f"web{n}", command("stadsvraag-web@.service", web), self.ours(n), home,
                     self._asks(web, "/health/live")),
                Part(f"api{n}", command("prefect-server@.service", api), self.theirs(n, prefect_database), home,
                     self._asks(api, "/api/health")),
                Part(f"runner{n}", command("stadsvraag-flows@.service", str(n)), self.ours(n), home),
                Part(f"worker{n}", command("prefect-worker@.service", str(n)), self.ours(n), home),
            ]  # fmt: skip
        made.append(Part("services", command("prefect-services.service"), self.theirs(2, prefect_database), home))
        return made

    @staticmethod
    def _asks(port: str, path: str) -> Any:
        return lambda: httpx2.get(f"http://127.0.0.1:{port}{path}", timeout=5).status_code == 200

    def start(self, patience: float) -> None:
        """Everything, in the order in which it needs each other."""
        for name in ("redis", "sink", "api1"):
            self.parts[name].start()
        self.run([sys.executable, "-m", "stadsvraag.prepare"])
        for name in ("web1", "web2"):
            self.parts[name].start()
        self.parts["api1"].wait(patience)
        for name in ("api2", "services", "runner1", "runner2"):
            self.parts[name].start()
        self.run([sys.executable, "-m", "prefect", "work-pool", "create", "stadsvraag", "--type", "process"])
        self.run([sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"])
        for name in ("worker1", "worker2"):
            self.parts[name].start()
        for part in self.parts.values():
            part.wait(patience)

    def run(self, args: list[str]) -> None:
        """A command that ends."""
        done = subprocess.run(args, cwd=ROOT, env=os.environ | self.ours(1), capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def plague(self, over: Any, dice: random.Random, pause: tuple[float, float], names: list[str], rounds: int) -> None:
        """Kill one part after the other, or what works in it, each there again in a moment, until it is over."""
        for _ in range(rounds):
            dice.shuffle(names)
            for name in names:
                if over():
                    return
                time.sleep(dice.uniform(*pause))
                part = self.parts[name]
                if dice.random() < 0.5:
                    part.kill_at_work()
                else:
                    part.kill()
                time.sleep(dice.uniform(0.1, 0.5))
                if not part.lives:
                    part.start()

    def stop(self) -> None:
        """Nothing stays behind."""
        for part in self.parts.values():
            part.kill()

    def received(self) -> Counter[str]:
        """How often each letter arrived, by its Message-ID."""
        return Counter(
            str(message_from_bytes(path.read_bytes())["Message-ID"]) for path in (self.home / "mail").glob("*/*")
        )

    def said(self, name: str) -> list[dict[str, Any]]:
        """The log lines of one of our programs."""
        lines = self.parts[name].log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith('{"at"')]

    def prefect(self, n: int, path: str, body: dict[str, Any]) -> Any:
        """The answer of one of Prefect's servers."""
        user, _, password = self._example["PREFECT_API_AUTH_STRING"].partition(":")
        answer = httpx2.post(f"{self.api(n)}{path}", json=body, auth=(user, password), timeout=30)
        return answer.raise_for_status().json()

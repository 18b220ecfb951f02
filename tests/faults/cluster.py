"""A PostgreSQL cluster of one's own, to be stopped in the middle of everything."""

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.moment import now
from tests.flows.place import free_port

AFTER_A_CRASH = ("-m", "immediate")  # as if the power went: nothing is finished, the next start recovers
KNOWN_PLACES = "/usr/lib/postgresql"


def programs() -> Path | None:
    """The directory of `initdb` and `pg_ctl`, the newest there is."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    every = sorted(Path(KNOWN_PLACES).glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return every[-1].parent if every else None


class Cluster:
    """`crash` and `start` may follow one another as often as one likes; databases are made by name."""

    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.stops: list[datetime] = []
        found = programs()
        assert found is not None
        self._programs = found
        home.mkdir()
        if os.geteuid() == 0:  # PostgreSQL does not run as root
            shutil.chown(home, "postgres", "postgres")
        self._run("initdb", "-D", str(home / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def server(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}"

    def url(self, name: str) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Until it answers. Commits are durable, as it comes."""
        said = f"-p {self.port} -k {self.home} -c max_connections=60 -c shared_buffers=64MB"
        self._run("pg_ctl", "-D", str(self.home / "data"), "-o", said, "-l", str(self.home / "log"), "-w", "start")

    def crash(self) -> None:
        """Every connection breaks off where it is."""
        self.stops.append(now())
        self._run("pg_ctl", "-D", str(self.home / "data"), *AFTER_A_CRASH, "-w", "stop")

    def make(self, name: str) -> str:
        """The URL of a new database."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return self.url(name)

    def stop(self) -> None:
        """For good."""
        subprocess.run([self._programs / "pg_ctl", "-D", str(self.home / "data"), *AFTER_A_CRASH, "stop"],
                       capture_output=True, **_as_postgres())  # fmt: skip

    def _run(self, program: str, *args: str) -> None:
        with (self.home / "said").open("ab") as out:
            done = subprocess.run([self._programs / program, *args], stdout=out, stderr=out, **_as_postgres())
        assert done.returncode == 0, (program, args, (self.home / "said").read_text()[-2000:])


def _as_postgres() -> dict[str, Any]:
    return {"user": "postgres", "group": "postgres", "cwd": "/"} if os.geteuid() == 0 else {}

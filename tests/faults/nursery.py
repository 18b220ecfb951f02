"""Processes that begin in a moment: forked from one that has imported (and perhaps tried) everything already.

Apart from the fork server of multiprocessing, which all tests of a run share: what is prepared here is for one of them.
`python -m tests.faults.nursery SOCKET MODULE` imports the module and waits for orders.
"""

import importlib
import json
import os
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

from tests.databases import ROOT

START = 180.0  # seconds that the preparation may take on a busy machine


class Child:
    """One process; `wait` says how it ended, as subprocess does."""

    def __init__(self, path: Path, call: str, *args: Any) -> None:
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(str(path))
        self._said = self._line.makefile("r")
        self._line.sendall(json.dumps([call, *args]).encode() + b"\n")
        self.pid = int(self._said.readline())

    def wait(self, seconds: float = 60.0) -> int:
        self._line.settimeout(seconds)
        with self._line:
            return int(self._said.readline())

    def kill(self) -> int:
        """SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()


class Nursery:
    """With one prepared process, which has imported this module."""

    def __init__(self, module: str) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="stadsvraag-nursery-")
        self._path, self._log = Path(self._home.name) / "socket", Path(self._home.name) / "log"
        with self._log.open("wb") as out:
            command = [sys.executable, "-m", "tests.faults.nursery", str(self._path), module]
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
        end = time.monotonic() + START
        while not self._path.exists():
            assert self._process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.05)

    def child(self, call: str, *args: Any) -> Child:
        """A new process in which `module:function` is called with these arguments."""
        return Child(self._path, call, *args)

    def said(self) -> str:
        """What its children wrote."""
        return self._log.read_text(errors="replace")[-4000:]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._home.cleanup()


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    max_children, request_queue_size = 100, 100
    parent = os.getppid()

    def service_actions(self) -> None:
        """Not to outlive whoever asked for it."""
        super().service_actions()
        if os.getppid() != self.parent:
            os._exit(0)


class _Orders(socketserver.StreamRequestHandler):
    """One order: the child's number, and later how it ended."""

    def handle(self) -> None:
        call, *args = json.loads(self.rfile.readline())
        if not (child := os.fork()):
            _obey(call, args)
        self.wfile.write(f"{child}\n".encode())
        self.wfile.flush()
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        self.wfile.write(f"{ended}\n".encode())


def _obey(call: str, args: list[Any]) -> None:
    try:
        module, _, function = call.partition(":")
        getattr(importlib.import_module(module), function)(*args)
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def main() -> None:
    path, module = Path(sys.argv[1]), sys.argv[2]
    importlib.import_module(module)
    with _Server(str(path), _Orders) as server:
        server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()

"""Prefect says that it is busy: asked again soon, and not for long."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.gate import open_client


@contextmanager
def busy(times: int) -> Iterator[list[float]]:
    """A Prefect that refuses so many times; the moments at which it was asked."""
    asked: list[float] = []

    class Busy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)  # it wants no token against forged requests

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append(time.monotonic())
            self.send_response(503 if len(asked) <= times else 200)
            self.end_headers()
            self.wfile.write(json.dumps([]).encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    Thread(target=server.serve_forever, daemon=True).start()
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{server.server_port}/api"}):
        yield asked
    server.shutdown()
    server.server_close()


async def test_who_was_refused_asks_again_soon() -> None:
    with busy(3) as asked:
        async with open_client() as client:
            assert await client.read_flow_runs() == []
    assert len(asked) == 4
    assert asked[-1] - asked[0] < 2


async def test_who_is_refused_again_and_again_gives_up_within_seconds() -> None:
    begun = time.monotonic()
    with busy(100) as asked:
        async with open_client() as client:
            with pytest.raises(PrefectHTTPStatusError):
                await client.read_flow_runs()
    assert len(asked) > 3
    assert time.monotonic() - begun < 20

"""Every request has a trace id, is counted, and leaves one line in the log: what was asked for, never with what."""

import logging
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intake.metrics import seen
from schemas.logs import TRACE, masked, new_trace

GIVEN = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C traceparent
API = "/api/v1"
QUIET = ("/static/", "/health/", "/metrics")
log = logging.getLogger(__name__)


class Tracing:
    """The outermost layer: what it measures is what a visitor waits for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        trace, begun, status = _trace(scope), time.perf_counter(), 500

        async def with_trace(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                message["headers"] = [*message["headers"], (b"x-trace-id", trace.encode())]
            await send(message)

        token = TRACE.set(trace)
        try:
            await self.app(scope, receive, with_trace)
        finally:
            _tell(scope, status, time.perf_counter() - begun)
            TRACE.reset(token)


def _trace(scope: Scope) -> str:
    given = GIVEN.fullmatch(dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1"))
    return given[1] if given else new_trace()


def _tell(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path_format", "") or "none"
    # A router within a router knows only its own part.
    if scope["path"].startswith(API) and not route.startswith(API):
        route = API + route
    seen(scope["method"], route, status, seconds)
    if scope["path"].startswith(QUIET) and status < 500:
        return
    ref = scope.get("path_params", {}).get("ref")
    log.info("%s %s", scope["method"], masked(scope["path"]), extra={
        "method": scope["method"], "route": route, "path": masked(scope["path"]), "status": status,
        "ms": round(1000 * seconds, 1), "ref": ref})  # fmt: skip

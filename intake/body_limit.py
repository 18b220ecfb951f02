"""How much may be sent: a megabyte everywhere, and room for files only where files are taken."""

import re

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.settings import settings

MEGABYTE = 1024 * 1024
WITH_FILES = re.compile(
    r"/ask/[^/]+/4|/(questions|trajectories)/[^/]+/(files|notes)|/(trajectories|l)/[^/]+/steps/deliver"
)
ONE_FILE = re.compile(r"/api/v1/(questions|trajectories|notes)/[^/]+/files")


def file_limit() -> int:
    """How many bytes one file may have."""
    return settings().file_megabytes * MEGABYTE


class BodyLimit:
    """A megabyte for whatever is sent, and room for files only where files are taken."""

    def __init__(self, app: ASGIApp) -> None:
        self.usual = RequestBodyLimitMiddleware(app, MEGABYTE)
        self.file = RequestBodyLimitMiddleware(app, MEGABYTE + file_limit())
        self.files = RequestBodyLimitMiddleware(app, MEGABYTE + settings().files_at_once * file_limit())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        limit = self.files if WITH_FILES.fullmatch(path) else self.file if ONE_FILE.fullmatch(path) else self.usual
        await limit(scope, receive, send)

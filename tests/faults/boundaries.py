"""Every point at which a process may die with a different outcome: around each commit and each move of the post."""

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Any

from aiosmtplib.protocol import SMTPProtocol
from sqlalchemy.ext.asyncio import AsyncEngine

from notifications.inbox import Maildir

Pass = Callable[[str], None]


class Boundaries:
    """Counts them, and has this process killed with -9 at the one that was chosen (none: 0)."""

    def __init__(self, fatal: int = 0) -> None:
        self.fatal, self.passed, self.counting = fatal, 0, True
        self.kinds: Counter[str] = Counter()

    def cross(self, kind: str) -> None:
        """We are at one."""
        if not self.counting:
            return
        self.passed += 1
        self.kinds[kind] += 1
        if self.passed == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def around_commits(self, engine: AsyncEngine) -> None:
        """Just before the database is told to commit, and just after it has said that it did."""
        dialect = engine.sync_engine.dialect
        commit = dialect.do_commit

        def watched(connection: Any) -> None:
            self.cross("before a commit")
            commit(connection)
            self.cross("after a commit")

        dialect.do_commit = watched  # type: ignore[method-assign]

    def around_the_post(self) -> None:
        """Before and after each command and each text that we send, and after each reply."""
        write, read = SMTPProtocol.write, SMTPProtocol.read_response

        def writes(line: SMTPProtocol, data: bytes) -> None:
            what = f"{data[:4].decode().strip()}" if len(data) < 200 and data.endswith(b"\r\n") else "the text"
            self.cross(f"before {what}")
            write(line, data)
            self.cross(f"after {what}")

        async def reads(line: SMTPProtocol, **patience: float | None) -> Any:
            reply = await read(line, **patience)
            self.cross(f"after a {reply.code}")
            return reply

        SMTPProtocol.write = writes  # type: ignore[method-assign]
        SMTPProtocol.read_response = reads  # type: ignore[assignment,method-assign]

    def around_the_box(self) -> None:
        """Before and after the messages are taken out of the box, and put apart in it."""
        for name in ("take", "done"):
            setattr(Maildir, name, self._around(getattr(Maildir, name), name))

    def _around(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def watched(*args: Any) -> Any:
            self.cross(f"before the box is asked to {name}")
            found = call(*args)
            self.cross(f"after the box was asked to {name}")
            return found

        return watched

"""The demonstration's mail server: keeps every letter it accepts in a Maildir, and sends nothing on.

`python -m stadsvraag.postoffice --port N --maildir DIR`. It says 250 only when file and folder are on disk.
"""

import argparse
import asyncio
import mailbox
import os
import signal
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

MEGABYTE = 1024 * 1024
KEPT = "250 Kept"
FULL = "452 Insufficient storage: the letter could not be kept. Try again later."


class PostOffice:
    """Takes letters in for `aiosmtpd`."""

    def __init__(self, folder: Path) -> None:
        # mailbox.Maildir makes these only with the folder itself; a kill in between would leave it without.
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder)
        self._new = folder / "new"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """A letter has come in whole."""
        letter = envelope.original_content or b""
        try:
            # Nothing else is served meanwhile: on purpose, a letter is a few milliseconds.
            self._keep(_stamp(envelope.rcpt_tos) + letter)
        except OSError as error:
            print(f"a letter could not be kept: {error}", file=sys.stderr, flush=True)  # noqa: T201 - goes to the log
            return FULL
        return KEPT

    def _keep(self, letter: bytes) -> None:
        self._box.add(letter)  # written, synchronised, then linked into new/
        folder = os.open(self._new, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _stamp(recipients: list[str]) -> bytes:
    received = datetime.now(UTC).isoformat(timespec="milliseconds")
    return f"X-Envelope-To: {', '.join(recipients)}\r\nX-Received-At: {received}\r\n".encode()


async def serve(host: str, port: int, folder: Path, limit: int) -> int:
    """Takes letters of at most `limit` bytes until SIGTERM or SIGINT; the exit code."""
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    counter = partial(SMTP, PostOffice(folder), data_size_limit=limit, enable_SMTPUTF8=True, hostname="localhost")
    try:
        server = await loop.create_server(counter, host, port)
    except OSError as error:
        print(f"Mail cannot be taken in on {host}:{port}: {error.strerror}. Give another --port.", file=sys.stderr)  # noqa: T201
        return 1
    await over.wait()
    server.close()
    return 0


def main() -> int:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m stadsvraag.postoffice", description=__doc__.splitlines()[0])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, required=True, help="port to listen on")
    parser.add_argument("--maildir", type=Path, required=True, help="where letters are kept")
    parser.add_argument("--limit", type=int, default=10 * MEGABYTE, help="largest letter, in bytes")
    chosen = parser.parse_args()
    return asyncio.run(serve(chosen.host, chosen.port, chosen.maildir, chosen.limit))


if __name__ == "__main__":
    sys.exit(main())

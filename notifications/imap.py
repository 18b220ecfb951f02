"""A folder on an IMAP server, a connection for each look. Taken: marked as seen and moved to a folder of our own.

Everything in the folder is new, also what somebody has opened in a mail program: what was taken is elsewhere.
"""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from imapclient import DELETED, SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from notifications.inbox import Message
from notifications.sorting import LARGEST

PATIENCE = 20.0  # seconds for each answer


@dataclass(frozen=True, slots=True)
class Where:
    """A server and who we are there; `tls` is none, starttls or tls."""

    host: str
    port: int
    tls: str
    user: str
    secret: str = field(repr=False)


class Imap:
    """Reads `folder`, moves to `kept`."""

    def __init__(self, where: Where, folder: str, kept: str, tls_context: ssl.SSLContext | None = None) -> None:
        self._where, self._folder, self._kept = where, folder, kept
        self._tls_context = tls_context or ssl.create_default_context()

    def waiting(self) -> bool:
        with self._line() as line:
            return bool(line.search(["NOT", "DELETED"]))

    def take(self, limit: int, passed_over: Sequence[str]) -> list[Message]:
        with self._line() as line:
            found = [(f"{line.era}.{uid}", uid) for uid in sorted(line.search(["NOT", "DELETED"]))]
            kept = [one for one in found if one[0] not in passed_over][:limit]
            return [one for key, uid in kept if (one := _read(line, key, uid))]

    def done(self, keys: Sequence[str]) -> None:
        with self._line() as line:
            ids = [int(uid) for era, _, uid in (one.partition(".") for one in keys) if era == str(line.era)]
            if not ids:
                return
            if not line.folder_exists(self._kept):
                line.create_folder(self._kept)
            line.add_flags(ids, [SEEN], silent=True)
            _move(line, ids, self._kept)

    @contextmanager
    def _line(self) -> Iterator[Any]:
        """A connection with the folder open. Raises OSError, which never holds the secret."""
        line = None
        try:
            line = self._connect()
            line.login(self._where.user, self._where.secret)
            line.era = line.select_folder(self._folder)[b"UIDVALIDITY"]
            yield line
        except (IMAPClientError, OSError) as fault:
            said = str(fault).replace(self._where.secret, "…") if self._where.secret else str(fault)
            raise OSError(f"IMAP at {self._where.host}: {said}") from None
        finally:
            if line is not None:
                with suppress(IMAPClientError, OSError):
                    line.logout()

    def _connect(self) -> Any:
        where = self._where
        line = IMAPClient(where.host, where.port, ssl=where.tls == "tls", timeout=PATIENCE,
                          ssl_context=self._tls_context if where.tls == "tls" else None)  # fmt: skip
        if where.tls == "starttls":
            line.starttls(self._tls_context)
        return line


def _read(line: Any, key: str, uid: int) -> Message | None:
    found = line.fetch([uid], ["RFC822.SIZE", f"BODY.PEEK[]<0.{LARGEST}>"]).get(uid)
    if found is None:  # another has taken it
        return None
    return Message(key, found.get(b"BODY[]<0>") or b"", found[b"RFC822.SIZE"])


def _move(line: Any, ids: Sequence[int], folder: str) -> None:
    if line.has_capability("MOVE"):
        line.move(ids, folder)
        return
    line.copy(ids, folder)
    line.add_flags(ids, [DELETED], silent=True)
    if line.has_capability("UIDPLUS"):
        line.uid_expunge(ids)

"""The box that mail comes into, as a maildir. What was taken is kept there, apart."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from notifications.sorting import LARGEST

FOLDERS = ("new", "cur", "tmp")
SEEN = ":2,S"


class Message(NamedTuple):
    """A message in the box: what the box calls it, its beginning, and how large it is as a whole."""

    key: str
    raw: bytes
    size: int


class Inbox(Protocol):
    """What both boxes can do. They block: call them in a thread. They raise OSError when they cannot be reached."""

    def waiting(self) -> bool:
        """Whether there is anything."""

    def take(self, limit: int, passed_over: Sequence[str]) -> list[Message]:
        """The oldest messages, but for those passed over. They stay until they are done."""

    def done(self, keys: Sequence[str]) -> None:
        """Put messages apart; whoever was first has done it."""


class Maildir:
    """A maildir as Postfix, Dovecot and others deliver into. Taken: moved from `new` to `cur`, marked as seen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def waiting(self) -> bool:
        return any(self._files())

    def take(self, limit: int, passed_over: Sequence[str]) -> list[Message]:
        found = sorted(self._files(), key=lambda one: (one.stat().st_mtime, one.name))
        kept = [one for one in found if one.name not in passed_over][:limit]
        return [one for one in map(_read, kept) if one]

    def done(self, keys: Sequence[str]) -> None:
        for key in keys:
            with suppress(FileNotFoundError):  # another was first
                (self._path / "new" / key).rename(self._path / "cur" / f"{key.partition(':')[0]}{SEEN}")

    def _files(self) -> Iterator[os.DirEntry[str]]:
        missing = [one for one in FOLDERS if not (self._path / one).is_dir()]
        if missing:
            raise FileNotFoundError(f"{self._path} is no maildir: it has no {', '.join(missing)}")
        with os.scandir(self._path / "new") as found:
            yield from (one for one in found if one.is_file(follow_symlinks=False) and not one.name.startswith("."))


def _read(entry: os.DirEntry[str]) -> Message | None:
    try:
        with Path(entry.path).open("rb") as file:
            return Message(entry.name, file.read(LARGEST), entry.stat().st_size)
    except FileNotFoundError:
        return None

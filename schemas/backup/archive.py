"""The file: gzip over lines of text. Readable with `zcat`, read and written as a stream, and proof against cutting.

First a line of JSON about the whole; for each table a line of JSON with its name, its rows as PostgreSQL's COPY writes
them, and `\\.`; last a line of JSON with the sha256 of all before it.
"""

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = 1
END = b"\\.\n"
LEVEL = 3  # twice as fast as the usual 6, a tenth larger
PIECE = 256 * 1024
Tell = Callable[[str, int, int], None]  # what is going on, how much more has been done, of how much


class Unfit(ValueError):  # noqa: N818 - a state of affairs, said as one
    """The file or the database is not fit for this; the message says why and what to do."""


@dataclass
class Contents:
    """What a file says of itself, by table: columns, number of rows, and the last number given out."""

    revision: str
    made_at: str
    release: str
    columns: dict[str, list[str]]
    rows: dict[str, int] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def size(self) -> int:
        return sum(self.rows.values())


class Writer:
    """Writes a file; what is not finished bears no name that could be taken for a backup."""

    def __init__(self, file: Any, contents: Contents) -> None:
        self._file, self._digest = file, sha256()
        self._write(_line(asdict(contents)))

    def _write(self, data: bytes) -> None:
        self._digest.update(data)
        self._file.write(data)

    def table(self, name: str) -> None:
        """Begin a table."""
        self._write(_line({"table": name}))

    def rows(self, data: bytes) -> None:
        """Rows of the table, or a part of them."""
        self._write(data)

    def end_table(self) -> None:
        self._write(END)

    def finish(self, sequences: dict[str, int]) -> None:
        """The last line, without which the file is worth nothing."""
        said = {"sequences": sequences, "sha256": ""}
        self._digest.update(_line(said))
        self._file.write(_line(said | {"sha256": self._digest.hexdigest()}))


@contextmanager
def writing_to(path: Path, contents: Contents) -> Iterator[Writer]:
    """A new file, readable by its owner alone, that appears under its name once it is whole. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(f"{path} is there already")
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as plain:
            with gzip.GzipFile(path.stem, "wb", LEVEL, plain) as packed:
                yield Writer(packed, contents)
            plain.flush()
            os.fsync(plain.fileno())
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


@dataclass
class Table:
    """One table of a file: its rows must be read before the next."""

    name: str
    columns: list[str]
    lines: Iterator[bytes]

    def pieces(self) -> Iterator[bytes]:
        """The rows in pieces of some hundred kilobytes."""
        held, size = list[bytes](), 0
        for line in self.lines:
            held.append(line)
            size += len(line)
            if size > PIECE:
                yield b"".join(held)
                held, size = [], 0
        yield b"".join(held)


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error) as error:
        if isinstance(error, Unfit | FileNotFoundError | PermissionError):
            raise
        raise Unfit(f"{path} is damaged or no backup of Stadsvraag ({type(error).__name__}): take another") from error


def read(path: Path) -> Iterator[Contents | Table]:
    """What the file says of itself and its tables, one after the other; at the end it is proven. Raises Unfit."""
    with _sound(path), path.open("rb") as plain, gzip.open(plain) as packed:
        yield from _read(path, packed)


def _read(path: Path, packed: Any) -> Iterator[Contents | Table]:
    digest = sha256()
    head = packed.readline()
    contents = Contents(**json.loads(head))
    if contents.format > FORMAT:
        raise Unfit(f"the file has format {contents.format}, this release reads up to {FORMAT}: take a newer release")
    digest.update(head)
    yield contents
    for line in packed:
        said = json.loads(line)
        if "sha256" in said:
            digest.update(_line(said | {"sha256": ""}))
            if digest.hexdigest() != said["sha256"] or line != _line(said):
                raise Unfit("what is in the file is not what was put in: take another")
            contents.sequences = said["sequences"]
            return
        digest.update(line)
        table = Table(said["table"], contents.columns[said["table"]], _rows(path, packed, digest))
        yield table
        for _ in table.lines:
            pass
    raise EOFError


def _rows(path: Path, packed: Any, digest: Any) -> Iterator[bytes]:
    with _sound(path):  # here too: whoever takes the rows is not within `read`
        for line in packed:
            digest.update(line)
            if line == END:
                return
            yield line
        raise EOFError


def verify(path: Path, tell: Tell) -> Contents:
    """Read all of the file and compare it with its checksum. Raises Unfit."""
    parts, rows = read(path), dict[str, int]()
    contents = next(parts)
    if not isinstance(contents, Contents):
        raise TypeError("a file begins with what it says of itself")
    for part in parts:
        if isinstance(part, Table):
            rows[part.name] = 0
            for piece in part.pieces():
                rows[part.name] += piece.count(b"\n")
                tell("Verifying", piece.count(b"\n"), contents.size)
    if rows != contents.rows:
        raise Unfit(f"{path} does not hold the rows that it says: take another")
    return contents


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True).encode() + b"\n"

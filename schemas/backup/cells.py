"""Rows as lines of text, the way PostgreSQL's COPY writes them, and back into what SQLite keeps."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

NULL = "\\N"
ESCAPES = {"\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\0": "\\000"}
MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "000": "\0"}
SPECIAL = re.compile(r"[\\\x08\x0c\n\r\t\x0b\0]")
ESCAPED = re.compile(r"\\(000|.)")
MOMENT = len("2026-11-24 09:00:00.000000")


def written(types: Sequence[Any], rows: Any) -> Iterator[bytes]:
    """Lines of what SQLite gave."""
    ways = [_way(type_)[0] for type_ in types]
    for row in rows:
        cells = [NULL if cell is None else way(cell) for way, cell in zip(ways, row, strict=True)]
        yield ("\t".join(cells) + "\n").encode()


def understood(types: Sequence[Any], lines: Iterator[bytes]) -> Iterator[list[Any]]:
    """What SQLite takes, from lines."""
    ways = [(n, way) for n, type_ in enumerate(types) if (way := _way(type_)[1]) is not _plain]
    for line in lines:
        text = line.decode()
        cells: list[Any] = [None if cell == NULL else cell for cell in text[:-1].split("\t")]
        if text.count("\\") != cells.count(None):
            cells = [cell and _plain(cell) for cell in cells]
        for n, way in ways:
            if cells[n] is not None:
                cells[n] = way(cells[n])
        yield cells


def _way(type_: Any) -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    if isinstance(type_, sa.Boolean):
        return (lambda cell: "t" if cell else "f"), (lambda text: int(text == "t"))
    if isinstance(type_, sa.DateTime):
        # SQLite compares moments as texts of one length, in UTC; PostgreSQL leaves out the zeros at the end.
        return (lambda cell: f"{cell}+00"), _moment
    if isinstance(type_, sa.LargeBinary):
        return (lambda cell: "\\\\x" + cell.hex()), (lambda text: bytes.fromhex(text[2:]))
    return _escaped, _plain


def _moment(text: str) -> str:
    text = text.removesuffix("+00")
    if len(text) == MOMENT:
        return text
    return (text + ("" if "." in text else ".")).ljust(MOMENT, "0")


def _escaped(cell: Any) -> str:
    text = cell if isinstance(cell, str) else str(cell)
    return SPECIAL.sub(lambda found: ESCAPES[found[0]], text) if SPECIAL.search(text) else text


def _plain(text: str) -> str:
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), text) if "\\" in text else text

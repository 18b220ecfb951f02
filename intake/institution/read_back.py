"""A file of a supply, CSV or XLSX, read back as it was written: rows by field, and the columns that are not known."""

import csv
import io
from datetime import date, datetime
from typing import Any  # openpyxl is imported where it is used: most web processes never open a workbook
from zipfile import ZipFile

from intake.institution.cells import plain, uncell
from intake.institution.sheets import COLUMNS
from schemas.words import languages, word

MOST_ROWS, MOST_CELL = 2000, 20_000  # rows: all of a file is one transaction, for which others wait
MOST_UNPACKED = 32 * 1024 * 1024
Row = dict[str, str]


class Unreadable(ValueError):  # noqa: N818
    """The file as a whole cannot be read; the message is a code of the page."""


def rows_in(data: bytes, name: str, what: str) -> tuple[list[Row], list[str]]:
    """The rows of a file by field, and the columns that are not known. Raises Unreadable."""
    try:
        table = _xlsx(data) if name.lower().endswith(".xlsx") else _csv(data)
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable("not_a_table") from error
    if not table:
        raise Unreadable("empty")
    names = [_column(what, head) for head in table[0]]
    strange = [head for head, name in zip(table[0], names, strict=True) if head.strip() and not name]
    if len(table) > MOST_ROWS:
        raise Unreadable("too_long")
    found = [{name: uncell(text) for name, text in zip(names, row, strict=False) if name} for row in table[1:]]
    return found, strange


def _column(what: str, head: str) -> str:
    wanted = plain(head)
    for name in COLUMNS[what]:
        if wanted in {name, *(plain(word(language, f"supply.{name}.label")) for language in languages())}:
            return name
    return ""


def _csv(data: bytes) -> list[list[str]]:
    text = data.decode("utf-8-sig")
    if "\x00" in text:
        raise Unreadable("not_a_table")
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    csv.field_size_limit(MOST_CELL)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _xlsx(data: bytes) -> list[list[str]]:
    from openpyxl import load_workbook

    with ZipFile(io.BytesIO(data)) as packed:  # a workbook's texts are all held in memory
        if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
            raise Unreadable("too_long")
    sheet: Any = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
    # Rows that are empty keep their place: a fault is told with the number that the spreadsheet gives a row.
    rows = sheet.iter_rows(values_only=True, max_row=MOST_ROWS + 1, max_col=60)
    return [[_text(one) for one in row] for row in rows]


def _text(value: Any) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)

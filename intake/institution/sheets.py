"""A supply as a table in a file: CSV or XLSX, written so that no spreadsheet runs it, and read back as it was."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any  # openpyxl is imported where it is used: most web processes never open a workbook
from zipfile import ZipFile

from intake.institution.cells import cell, uncell
from schemas.needs import Need
from schemas.supply_form import EDITION, FIELDS
from schemas.words import languages, word, words

COLUMNS: Mapping[str, Mapping[str, Need]] = {
    "offerings": FIELDS,
    "editions": {"offering": FIELDS["id"], "offering_name": FIELDS["name_nl"], "year": Need("line"),
                 "code": Need("line")} | dict(EDITION),
}  # fmt: skip
TELLING = {"offering_name"}  # for whoever reads the file; not read back
KINDS = {"csv": "text/csv; charset=utf-8",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
YES = {"ja": "yes", "true": "yes", "1": "yes", "nee": "no", "false": "no", "0": "no"}
MOST_ROWS, MOST_CELL = 2000, 20_000  # rows: all of a file is one transaction, for which others wait
MOST_UNPACKED = 32 * 1024 * 1024
Row = dict[str, str]


class Unreadable(ValueError):  # noqa: N818
    """The file as a whole cannot be read; the message is a code of the page."""


def heads(names: Iterable[str], language: str) -> list[str]:
    """The header row of these columns."""
    return [word(language, f"supply.{name}.label") for name in names]


def as_csv(what: str, rows: Iterable[Mapping[str, Any]], language: str, names: Collection[str] = ()) -> bytes:
    """With semicolons and a byte order mark, as a Dutch spreadsheet wants it; all columns, or those named."""
    names = names or COLUMNS[what]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(heads(names, language))
    writer.writerows([cell(row.get(name)) for name in names] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(what: str, rows: Iterable[Mapping[str, Any]], language: str) -> bytes:
    """One sheet with the rows, and one that tells what each column takes."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet: Any = book.active
    sheet.title = what
    sheet.append(heads(COLUMNS[what], language))
    for row in rows:
        sheet.append([_native(row.get(name), need) for name, need in COLUMNS[what].items()])
    for one in sheet[1]:
        one.font, one.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[one.column_letter].width = 20
    sheet.freeze_panes = "B2"
    about = book.create_sheet("info")
    for name in COLUMNS[what]:
        known = words(language)["supply"][name]
        about.append([known["label"], known["hint"], ", ".join(f"{key} = {said}" for key, said in
                                                                known.get("choices", {}).items())])  # fmt: skip
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _native(value: Any, need: Need) -> Any:
    if value is None:
        return None
    if need.kind == "date":
        return date.fromisoformat(str(value))
    return value if need.kind == "whole" else cell(value)


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
    wanted = _plain(head)
    for name in COLUMNS[what]:
        if wanted in {name, *(_plain(word(language, f"supply.{name}.label")) for language in languages())}:
            return name
    return ""


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("*: ")


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


def given(name: str, need: Need, text: str) -> str:
    """A cell as a form would give it: the Dutch way to write a day, and choices by their names too."""
    text = text.replace("\r\n", "\n").strip()
    if need.kind == "date" and (found := re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)):
        return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    if need.choices:
        return "; ".join(_choice(name, need.choices, part) for part in re.split(r"[;\n]", text))
    return text


def _choice(name: str, choices: Sequence[str], text: str) -> str:
    wanted = _plain(text)
    for choice in choices:
        named = {_plain(str(words(one)["supply"][name]["choices"][choice])) for one in languages()}
        if wanted in {choice, *named}:
            return choice
    return YES.get(wanted, text.strip()) if "yes" in choices else text.strip()

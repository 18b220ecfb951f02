"""A supply as a table in a file: its columns; CSV or XLSX, written so that no spreadsheet runs it."""

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any  # openpyxl is imported where it is used: most web processes never open a workbook

from intake.institution.cells import cell
from schemas.needs import Need
from schemas.supply_form import EDITION, FIELDS
from schemas.words import word, words

COLUMNS: Mapping[str, Mapping[str, Need]] = {
    "offerings": FIELDS,
    "editions": {"offering": FIELDS["id"], "offering_name": FIELDS["name_nl"], "year": Need("line"),
                 "code": Need("line")} | dict(EDITION),
}  # fmt: skip
TELLING = {"offering_name"}  # for whoever reads the file; not read back
KINDS = {"csv": "text/csv; charset=utf-8",
         "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip


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

"""Rows of a file into a supply: each row judged by itself, and told with its number and column where it is faulty."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import select

from intake.institution.cells import given
from intake.institution.house import offerings_of
from intake.institution.read_back import Row
from intake.institution.runs import Run, facts_of, runs_of, usual_facts
from intake.institution.sheets import COLUMNS, TELLING
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Period
from schemas.supply_form import flat
from schemas.supplying import IMPORTED, Supplier

FIRST = 2  # the number that a spreadsheet gives the first row under the header


@dataclass(frozen=True)
class RowFault:
    """What is wrong in one cell."""

    number: int
    fault: Fault
    given: str


@dataclass
class Outcome:
    """What became of the rows of a file."""

    added: int = 0
    changed: int = 0
    same: int = 0
    faults: list[RowFault] = field(default_factory=list)

    @property
    def good(self) -> int:
        return self.added + self.changed

    @property
    def faulty_rows(self) -> int:
        return len({one.number for one in self.faults})


Judge = Callable[[Row], Coroutine[Any, Any, str]]


async def take_in(by: Supplier, what: str, rows: Sequence[Row]) -> Outcome:
    """Put in every sound row; the caller rolls back when there are faults and nothing may be half done."""
    judge = await (_offerings(by) if what == "offerings" else _editions(by))
    outcome, seen = Outcome(), set[tuple[str, ...]]()
    for number, row in enumerate(rows, start=FIRST):
        if not any(row.values()):
            continue
        clean = {name: given(name, need, row[name]) for name, need in COLUMNS[what].items()
                 if name in row and name not in TELLING}  # fmt: skip
        key = tuple(clean.get(name, "") for name in (("id",) if what == "offerings" else ("offering", "year", "code")))
        try:
            if any(key) and key in seen:
                raise FaultyNeeds([Fault("id" if what == "offerings" else "code", "twice")])
            seen.add(key)
            became = await judge(clean)
            setattr(outcome, became, getattr(outcome, became) + 1)
        except FaultyNeeds as error:
            outcome.faults += [RowFault(number, one, row.get(one.field, "")) for one in error.faults]
    return outcome


async def _offerings(by: Supplier) -> Judge:
    here = await offerings_of(by.session, by.house.id)
    by_id, by_name = {one.id: one for one in here}, {one.name_nl.casefold(): one for one in here}

    async def judge(row: Row) -> str:
        name = " ".join(row.get("name_nl", "").split()).casefold()
        found = by_id.get(row["id"]) if row.get("id") else by_name.get(name)
        saved = await by.save((flat(found) if found else {}) | row, found)
        if saved and not found:
            by_id[saved.id] = by_name[saved.name_nl.casefold()] = saved
        return "same" if saved is None else "changed" if found else "added"

    return judge


async def _editions(by: Supplier) -> Judge:
    here = {one.id: one for one in await offerings_of(by.session, by.house.id)}
    query = select(Period).where(Period.institution_id == by.house.id)
    periods = {(one.year, one.code): one for one in await by.session.exec(query)}

    async def judge(row: Row) -> str:
        offering = here.get(row.get("offering", ""))
        period = periods.get((row.get("year", ""), row.get("code", "")))
        if offering is None or period is None:
            raise FaultyNeeds([Fault("offering", "unknown")] * (offering is None) + [Fault("code", "unknown")]
                              * (period is None))  # fmt: skip
        facts = {name: value for name, value in row.items() if name not in ("offering", "year", "code")}
        done = await by.edition(offering, period, facts, usual_facts(offering, period), IMPORTED)
        return "changed" if done else "same"

    return judge


def edition_row(run: Run) -> dict[str, Any]:
    """An edition as a row of the file."""
    return {
        "offering": run.offering.id, "offering_name": run.offering.name_nl, "year": run.period.year,
        "code": run.period.code, **facts_of(run.edition),
    }  # fmt: skip


async def rows_of(by: Supplier, what: str, year: str) -> list[dict[str, Any]]:
    """The rows of an export: all offerings, or the editions of a year."""
    if what == "offerings":
        return [flat(one) for one in await offerings_of(by.session, by.house.id)]
    return [edition_row(run) for run in await runs_of(by.session, by.house.id, year)]

"""The editions of an academic year in one table, to fill in at once."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import KnownReader
from intake.fields import message
from intake.institution.house import House, frame, supplier, this_year, years_of
from intake.institution.runs import Run, facts_of, runs_of, usual_facts
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from schemas.database import reading, writing
from schemas.facts import named
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds
from schemas.parties import Organisation

router = APIRouter(prefix="/institution/{house}")
IN_TABLE = ("seats", "open")
MOST_FIELDS = 20_000  # a year of a large institution in one form


@router.get("/editions")
async def table(request: Request, reader: KnownReader, house: House, year: str = "", code: str = "") -> Response:
    """A year, or one term of it."""
    return await _table(request, reader, house, year, code, {}, {})


async def _table(
    request: Request, reader: Reader, house: Organisation, year: str, code: str, typed: dict[str, str],
    wrong: dict[str, Fault],
) -> Response:  # fmt: skip
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        years = await years_of(session, house.id)
        year = year if year in years else await this_year(session, house.id, now().date())
        runs = await runs_of(session, house.id, year)
    codes = list(dict.fromkeys(run.period.code for run in runs))
    rows = [_line(n, run, language, typed, wrong) for n, run in enumerate(runs) if code in ("", run.period.code)]
    return page(
        request, "institution/editions.html", reader, status=400 if wrong else 200, **frame(house, language),
        year=year, years=years, code=code, codes=codes, rows=rows, done=request.query_params.get("done"),
        count=request.query_params.get("count", ""),
        confirmed=sum(run.edition.confirmed for run in runs), total=len(runs),
        faults=[{"href": f"#{row['id']}-seats", "text": f"{row['name']}, {row['code']}: {row['error']}"}
                for row in rows if row["error"]],
    )  # fmt: skip


def _line(n: int, run: Run, language: str, typed: dict[str, str], wrong: dict[str, Fault]) -> dict[str, Any]:
    one, facts = run.edition, facts_of(run.edition)
    now_is = {name: str(facts.get(name, "")) for name in IN_TABLE}
    fault = wrong.get(run.key)
    return {
        "id": f"e{n}", "key": run.key, "name": named(run.offering, language), "code": run.period.code, "edition": one,
        "offering": run.offering.id, "term": run.period.id, "was": "/".join(now_is.values()),
        **{name: typed.get(f"{name} {run.key}", value) for name, value in now_is.items()},
        "error": message(language, fault) if fault else "",
    }  # fmt: skip


@router.post("/editions")
async def saved(request: Request, reader: KnownReader, house: House, year: str = "", code: str = "") -> Response:
    """Save what was changed in the table; where something is wrong nothing is saved."""
    async with request.form(max_fields=MOST_FIELDS) as sent:
        typed = {name: str(value).strip() for name, value in sent.items()}
        confirm = "confirm" in sent
    wrong: dict[str, Fault] = {}
    count = 0
    try:
        async with writing(request.app.state.engine) as session:
            for run in await runs_of(session, house.id, year):
                try:
                    count += await _take(session, house, reader, run, typed, confirm)
                except FaultyNeeds as error:
                    wrong[run.key] = error.faults[0]
            if wrong:
                raise FaultyNeeds(list(wrong.values()))
    except FaultyNeeds:
        return await _table(request, reader, house, year, code, typed, wrong)
    return RedirectResponse(f"/institution/{house.id}/editions?year={year}&code={code}&done=saved&count={count}", 303)


async def _take(
    session: AsyncSession, house: Organisation, reader: Reader, run: Run, typed: dict[str, str], confirm: bool
) -> bool:
    """One row of the table: only what its reader changed, and not over what somebody else changed meanwhile."""
    if f"was {run.key}" not in typed:
        return False
    given = {name: typed.get(f"{name} {run.key}", "") for name in IN_TABLE}
    seats, _, is_open = typed[f"was {run.key}"].partition("/")
    was = dict(zip(IN_TABLE, (seats, is_open), strict=True))
    differs = {name: value for name, value in given.items() if value != was[name]}
    if not differs and not confirm:
        return False
    facts = facts_of(run.edition)
    if differs and any(str(facts.get(name, "")) != was[name] for name in differs):
        raise FaultyNeeds([Fault("seats", "changed_meanwhile")])
    usual = usual_facts(run.offering, run.period)
    return await supplier(session, house, reader).edition(run.offering, run.period, differs, usual)

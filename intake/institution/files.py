"""Import and export: a supply as CSV or XLSX, nothing half put in, and a template to begin with."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from intake.access import KnownReader
from intake.fields import message
from intake.institution.house import House, frame, supplier, this_year, years_of
from intake.institution.read_back import Row, Unreadable, rows_in
from intake.institution.sheets import COLUMNS, KINDS, as_csv, as_xlsx, heads
from intake.institution.taking_in import Outcome, rows_of, take_in
from intake.language import language_of
from intake.pages import page
from intake.sight import Reader
from intake.trouble import NotFound
from schemas.database import reading, writing
from schemas.moment import now
from schemas.parties import Organisation

router = APIRouter(prefix="/institution/{house}")
SHOWN = 200  # faults on the page


class Faulty(Exception):  # noqa: N818
    """Some rows are faulty, so nothing was put in."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(str(outcome.faulty_rows))
        self.outcome = outcome


@router.get("/file")
async def download(
    request: Request, reader: KnownReader, house: House, what: str = "offerings", form: str = "xlsx", year: str = "",
    template: bool = False,
) -> Response:  # fmt: skip
    """The offerings, or the editions of a year; with `template` only the header row."""
    if what not in COLUMNS or form not in KINDS:
        raise NotFound("page")
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        year = year if year in await years_of(session, house.id) else await this_year(session, house.id, now().date())
        rows = [] if template else await rows_of(supplier(session, house, reader), what, year)
    content = await run_in_threadpool(as_csv if form == "csv" else as_xlsx, what, rows, language)
    name = "-".join([house.id, what, *([year.replace("/", "-")] if what == "editions" else []),
                     *(["template"] if template else [])])  # fmt: skip
    disposition = f'attachment; filename="{name}.{form}"'
    return Response(content, media_type=KINDS[form], headers={"Content-Disposition": disposition,
                                                              "Cache-Control": "no-store"})  # fmt: skip


@router.get("/import")
async def ask(request: Request, reader: KnownReader, house: House) -> Response:
    """Choose a file; or take one home first."""
    return await _page(request, reader, house)


@router.post("/import")
async def put_in(request: Request, reader: KnownReader, house: House) -> Response:
    """Put a file in. With faulty rows nothing is, until the reader says that the good rows may."""
    async with request.form() as sent:
        what = str(sent.get("what", ""))
        good = "good" in sent
        upload, text = sent.get("file"), str(sent.get("text", ""))
        name = (upload.filename or "") if isinstance(upload, UploadFile) else "again.csv"
        data = await upload.read() if isinstance(upload, UploadFile) else text.encode()
    if what not in COLUMNS:
        return await _page(request, reader, house, trouble="what")
    if not data:
        return await _page(request, reader, house, what=what, trouble="missing")
    try:
        rows, strange = await run_in_threadpool(rows_in, data, name, what)
        if not any(any(row.values()) for row in rows):
            raise Unreadable("empty")
        async with writing(request.app.state.engine) as session:
            outcome = await _take(session, house, reader, what, rows, good and not strange, strange)
    except Unreadable as error:
        return await _page(request, reader, house, what=what, trouble=str(error))
    except Faulty as error:
        names = [name for name in COLUMNS[what] if name in rows[0]]
        again = as_csv(what, rows, language_of(request, reader), names).decode("utf-8-sig")
        return await _page(request, reader, house, what=what, outcome=error.outcome, strange=strange, again=again)
    where = "catalogue" if what == "offerings" else "editions"
    return RedirectResponse(f"/institution/{house.id}/{where}?done=imported&count={outcome.good}", 303)


async def _take(
    session: AsyncSession, house: Organisation, reader: Reader, what: str, rows: list[Row], good: bool,
    strange: list[str],
) -> Outcome:  # fmt: skip
    outcome = await take_in(supplier(session, house, reader), what, rows)
    if strange or (outcome.faults and not good):
        raise Faulty(outcome)
    return outcome


async def _page(
    request: Request, reader: Reader, house: Organisation, *, what: str = "", trouble: str = "",
    outcome: Outcome | None = None, strange: list[str] | None = None, again: str = "",
) -> Response:  # fmt: skip
    language = language_of(request, reader)
    async with reading(request.app.state.engine) as session:
        years, year = await years_of(session, house.id), await this_year(session, house.id, now().date())
    wrong = _told(outcome, what, language) if outcome else []
    return page(
        request, "institution/import.html", reader, status=400 if trouble or outcome else 200, **frame(house, language),
        what=what or "offerings", trouble=trouble, outcome=outcome, strange=strange or [], again=again, wrong=wrong,
        years=years, year=year, faults=[{"href": "#file", "text": ""}] if trouble or outcome else [],
    )  # fmt: skip


def _told(outcome: Outcome, what: str, language: str) -> list[dict[str, Any]]:
    labels = dict(zip(COLUMNS[what], heads(COLUMNS[what], language), strict=True))
    return [
        {"row": one.number, "column": labels.get(one.fault.field, one.fault.field), "given": one.given[:80] or "–",
         "why": message(language, one.fault)}
        for one in outcome.faults[:SHOWN]
    ]  # fmt: skip

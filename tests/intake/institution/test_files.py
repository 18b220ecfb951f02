"""Import and export: what goes out comes back as it was, nothing runs in a spreadsheet, faults are told by row."""

import csv
import io
from datetime import date
from zipfile import ZIP_DEFLATED, ZipFile

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import func, select

from intake.institution.cells import cell, uncell
from intake.institution.cells import given as as_given
from intake.institution.house import supplier
from intake.institution.read_back import MOST_UNPACKED, Unreadable, rows_in
from intake.institution.sheets import COLUMNS, as_csv, as_xlsx, heads
from intake.institution.taking_in import rows_of, take_in
from intake.sight import Reader
from schemas.database import reading, writing
from schemas.needs import FaultyNeeds
from schemas.parties import Offering, Organisation, Person
from schemas.supply import Edition, SupplyChange
from schemas.supply_checks import Known, check_offering
from schemas.supply_form import FIELDS
from schemas.words import languages
from tests.cast import Cast
from tests.conftest import SignIn
from tests.intake.pages.reading import Page

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=40)
LINE = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
WORDS = st.lists(LINE.map(lambda one: one.replace(";", ",")), min_size=1, max_size=4, unique=True)
DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1)).map(date.isoformat)
OFFERINGS = st.fixed_dictionaries(
    {"id": st.from_regex(r"[a-z]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True), "name_nl": LINE, "name_en": LINE,
     "kind": st.sampled_from(FIELDS["kind"].choices), "level": st.sampled_from(FIELDS["level"].choices),
     "languages": st.lists(st.sampled_from(["nl", "en", "de"]), min_size=1, unique=True),
     "periods": st.just(["S1", "any"])},
    optional={"form": LINE, "seats": st.integers(0, 1000), "keywords_nl": WORDS, "keywords_en": WORDS, "since": DAYS,
              "description_nl": st.lists(LINE, min_size=1, max_size=3).map("\n".join)},
)  # fmt: skip


def checked(facts: dict[str, object]) -> dict[str, object]:
    return check_offering(Known((), {"S1"}, ()), facts)


@settings(deadline=None)  # the first example reads the words of both languages
@given(OFFERINGS, st.sampled_from(languages()), st.booleans())
def test_what_goes_out_comes_back_as_it_was(facts: dict[str, object], language: str, as_sheet: bool) -> None:
    facts = checked(facts)
    data = (as_xlsx if as_sheet else as_csv)("offerings", [facts], language)
    rows, strange = rows_in(data, "a.xlsx" if as_sheet else "a.csv", "offerings")
    assert strange == []
    back = {name: as_given(name, FIELDS[name], text) for name, text in rows[0].items()}
    assert checked(back) == facts


@given(TEXT)
def test_no_cell_makes_a_spreadsheet_calculate(text: str) -> None:
    assert not cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert uncell(cell(text)) == text


def test_a_name_that_looks_like_a_formula_is_text_in_the_file() -> None:
    row = {
        "id": "x",
        "name_nl": '=HYPERLINK("http://example.org")',
        "name_en": "'s avonds",
        "keywords_nl": ["@som", "-1"],
    }
    sheet = load_workbook(io.BytesIO(as_xlsx("offerings", [row], "nl"))).worksheets[0]
    assert {one.data_type for one in sheet[2] if one.value is not None} == {"s"}
    written = next(iter(list(csv.reader(io.StringIO(as_csv("offerings", [row], "nl").decode()), delimiter=";"))[1:]))
    assert written[1:3] == ['\'=HYPERLINK("http://example.org")', "'s avonds"]


@pytest.mark.parametrize("what", COLUMNS)
def test_no_two_columns_have_the_same_name(what: str) -> None:
    for language in languages():
        assert len(set(heads(COLUMNS[what], language))) == len(COLUMNS[what])


async def as_femke(engine: AsyncEngine, cast: Cast) -> Reader:
    async with reading(engine) as session:
        return Reader(await session.get_one(Person, cast.femke.id), ())


@pytest.mark.parametrize("what", COLUMNS)
async def test_putting_in_what_was_taken_out_changes_nothing(engine: AsyncEngine, cast: Cast, what: str) -> None:
    reader = await as_femke(engine, cast)
    async with writing(engine) as session:
        session.add(Edition(offering_id="ut-htht", term_id="ut:2026/27:2A", seats=2, starts_on=date(2027, 2, 8)))
    async with writing(engine) as session:
        by = supplier(session, await session.get_one(Organisation, "ut"), reader)
        exported = await rows_of(by, what, "2026/27")
        assert len(exported) > 25
        for form in (as_csv, as_xlsx):
            rows, _ = rows_in(form(what, exported, "en"), "x.csv" if form is as_csv else "x.xlsx", what)
            outcome = await take_in(by, what, rows)
            assert (outcome.faults, outcome.good, outcome.same) == ([], 0, len(exported))
        assert not (await session.exec(select(SupplyChange))).all()


def upload(text: str | bytes, name: str = "aanbod.csv") -> dict[str, tuple[str, bytes]]:
    return {"file": (name, text.encode() if isinstance(text, str) else text)}


async def put_in(
    browser: httpx2.AsyncClient, text: str | bytes, what: str = "offerings", name: str = "a.csv"
) -> httpx2.Response:
    return await browser.post("/institution/ut/import?lang=en", data={"what": what}, files=upload(text, name))


GOOD = "Code;Naam in het Nederlands;Name in English;Soort;level;Languages;Periodes waarin het begint;Aangeboden vanaf\n"


async def test_with_a_faulty_row_nothing_is_put_in_until_the_good_ones_may(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    femke = await browser_as(cast.femke)
    text = GOOD + (
        ";Stadslab;City lab;Lab;wo;nl; S1 ;1-9-2026\n;;No name;Vak;wo;nl;S1;\n\nut-fout;Fout;Wrong;kursus;wo;nl;S9;\n"
    )
    answer = await put_in(femke, text)
    assert (answer.status_code, Page(answer.text).wrong()) == (400, [])
    for told in ("Nothing has been put in yet", ">3<", ">5<", "kursus", "Name in Dutch", "Terms in which it begins"):
        assert told in answer.text, told
    async with reading(engine) as session:
        assert await session.get(Offering, "ut-stadslab") is None
    again = answer.text.partition('name="text" value="')[2].partition('"')[0].replace("&#34;", '"')
    done = await femke.post("/institution/ut/import", data={"what": "offerings", "text": again, "good": "1"})
    assert done.headers["location"] == "/institution/ut/catalogue?done=imported&count=1"
    async with reading(engine) as session:
        made = await session.get_one(Offering, "ut-stadslab")
        assert (made.kind, made.data["since"], made.data["hand_in_weeks"]) == ("lab", "2026-09-01", 14)
        assert await session.get(Offering, "ut-fout") is None


async def test_a_column_that_is_not_in_the_file_stays_and_repeating_changes_nothing(
    engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    femke = await browser_as(cast.femke)
    async with reading(engine) as session:
        before = (await session.get_one(Offering, "ut-htht")).data["keywords"]
    for count in ("1", "0"):
        done = await put_in(femke, "code,Seats for questions\nut-htht,7\n")
        assert done.headers["location"].endswith(f"count={count}")
    async with reading(engine) as session:
        data = (await session.get_one(Offering, "ut-htht")).data
        assert (data["seats"], data["keywords"]) == (7, before)
        assert (await session.exec(select(func.count()).select_from(SupplyChange))).one() == 1


async def test_editions_come_from_a_sheet_with_real_days(engine: AsyncEngine, cast: Cast, browser_as: SignIn) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Aanbod", "Studiejaar", "Periode", "Indienen tot en met", "Plekken voor vragen", "open"])
    sheet.append(["ut-htht", "2026/27", "2A", date(2026, 12, 1), 3, "nee"])
    out = io.BytesIO()
    book.save(out)
    femke = await browser_as(cast.femke)
    done = await put_in(femke, out.getvalue(), "editions", "edities.xlsx")
    assert done.headers["location"] == "/institution/ut/editions?done=imported&count=1"
    async with reading(engine) as session:
        row = (await session.exec(select(Edition))).one()
    assert (row.hand_in_by, row.seats, row.open, row.starts_on) == (date(2026, 12, 1), 3, False, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\x00\x01\x02", "cannot be read"),
        (b"PK\x03\x04 not a workbook", "cannot be read"),
        (b"", "Choose a file"),
        (GOOD.encode(), "no rows"),
        (b"Code;Kleur\nut-htht;rood\n", "We do not know these columns: Kleur"),
        ((GOOD + "saxion-project-week;A;B;lab;hbo;nl;S1;\n").encode(), "in use already"),
        (b"Code;Niveau\nut-htht;wo\nut-htht;hbo\n", "twice"),
    ],
)  # fmt: skip
async def test_a_file_that_cannot_be_used_is_told_why(cast: Cast, browser_as: SignIn, text: bytes, told: str) -> None:
    name = "a.xlsx" if text.startswith(b"PK") else "a.csv"
    answer = await put_in(await browser_as(cast.femke), text, name=name)
    assert (answer.status_code, told in answer.text, Page(answer.text).wrong()) == (400, True, [])


async def test_the_files_to_take_home(cast: Cast, browser_as: SignIn) -> None:
    femke = await browser_as(cast.femke)
    answer = await femke.get("/institution/ut/file?what=editions&form=csv&year=2026/27&lang=nl")
    assert answer.headers["content-disposition"] == 'attachment; filename="ut-editions-2026-27.csv"'
    assert "ut-htht" in answer.text
    template = await femke.get("/institution/ut/file?what=offerings&template=true&lang=nl")
    sheet = load_workbook(io.BytesIO(template.content)).worksheets[0]
    assert [one.value for one in sheet[1]] == heads(COLUMNS["offerings"], "nl")
    assert sheet.max_row == 1
    assert (await femke.get("/institution/ut/file?what=people")).status_code == 404


def test_a_faulty_cell_is_a_fault_of_its_column() -> None:
    with pytest.raises(FaultyNeeds) as caught:
        checked({"name_nl": "a", "name_en": "b", "kind": "lab", "level": "wo", "languages": "nl; xx", "periods": "S1"})
    assert [(one.field, one.code) for one in caught.value.faults] == [("languages", "not_a_choice")]


def test_a_workbook_that_swells_is_not_opened() -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as made:
        made.writestr("xl/sharedStrings.xml", bytes(MOST_UNPACKED + 1))
    assert len(packed.getvalue()) < 100_000
    with pytest.raises(Unreadable, match="too_long"):
        rows_in(packed.getvalue(), "a.xlsx", "offerings")

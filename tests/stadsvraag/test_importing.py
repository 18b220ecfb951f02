"""Questions in bulk: every faulty row told, the others in, and repeating it harmless."""

from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.database import reading
from schemas.ledger import Letter, LetterState
from schemas.subjects import Question
from stadsvraag.importing import Outcome, Unreadable, import_rows, rows_in

CSV = """title;situation;city;owner_name;owner_email
Hoe koel blijft het plein?;Het is er warm.;Hengelo;Gijs Mulder;gijs.mulder@example.org
;Zonder titel.;Enschede;;
Wie is de eigenaar?;Een adres dat niet klopt.;Enschede;Piet;geen-adres
"""


async def put_in(engine: AsyncEngine, path: Path) -> Outcome:
    return await import_rows(engine, rows_in(path), lambda: None)


async def test_a_faulty_row_is_told_with_its_number_and_the_others_go_in(engine: AsyncEngine, tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(CSV, encoding="utf-8")
    outcome = await put_in(engine, path)
    assert len(outcome.made) == 1
    assert outcome.made[0].startswith("HE-")
    assert [number for number, _ in outcome.faulty] == [2, 3]
    assert "title" in outcome.faulty[0][1]
    assert "owner_email" in outcome.faulty[1][1]


async def test_repeating_it_puts_nothing_in_twice(engine: AsyncEngine, tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(CSV, encoding="utf-8")
    await put_in(engine, path)
    again = await put_in(engine, path)
    assert (again.made, again.known) == ([], 1)
    async with reading(engine) as session:
        assert len((await session.exec(select(Question))).all()) == 1


async def test_a_named_owner_is_asked_and_the_importer_gets_no_receipts(engine: AsyncEngine, tmp_path: Path) -> None:
    path = tmp_path / "questions.csv"
    path.write_text(CSV, encoding="utf-8")
    await put_in(engine, path)
    async with reading(engine) as session:
        letters = (await session.exec(select(Letter))).all()
    owed = {(one.name, one.email) for one in letters if one.state == LetterState.OWED}
    assert ("confirm-ownership", "gijs.mulder@example.org") in owed
    assert not [email for _, email in owed if email.startswith("bram")]


async def test_yaml_and_xlsx_say_the_same_as_csv(engine: AsyncEngine, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["title", "situation", "city"])
    sheet.append(["Waar staan de fietsen?", "Op de stoep.", "Enschede"])
    book.save(tmp_path / "questions.xlsx")
    yaml = tmp_path / "questions.yaml"
    yaml.write_text("questions:\n- {title: 'Waar staan de fietsen?', situation: Op de stoep., city: Enschede}\n")
    first = await put_in(engine, tmp_path / "questions.xlsx")
    second = await put_in(engine, yaml)
    assert (len(first.made), second.known) == (1, 1)


@pytest.mark.parametrize(("name", "content"), [("a.yaml", "a: ["), ("a.yaml", "a: 1"), ("a.txt", "x"), ("a.xlsx", "x")])
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Unreadable, match=name):
        rows_in(tmp_path / name)

"""Cities are data: every fault is named with its row, and loading can be repeated."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select

from schemas.case import calendar_of, cooperation_of, open_case
from schemas.cities import FaultyCity, faults_in, load_city, read_city
from schemas.city_form import City
from schemas.database import open_engine, reading, writing
from schemas.parties import Closure, Cooperation, Membership, Offering, Organisation, Period, Person
from schemas.subjects import Question
from schemas.tables import METADATA

ROOT = Path(__file__).parents[2]
TWENTE, KADESTAD = ROOT / "cities" / "twente", ROOT / "tests" / "cities" / "kadestad"
TABLES = (Cooperation, Organisation, Offering, Period, Closure, Person, Membership)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'city.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    yield engine
    await engine.dispose()


@pytest.fixture
def kadestad(tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(KADESTAD, tmp_path / "kadestad"))


async def load(engine: AsyncEngine, city: City, people: bool = True) -> None:
    async with writing(engine) as session:
        await load_city(session, city, people=people)


async def everything(engine: AsyncEngine) -> dict[str, list[dict[str, Any]]]:
    async with reading(engine) as session:
        return {
            table.__name__: sorted((row.model_dump() for row in await session.exec(select(table))), key=repr)
            for table in TABLES
        }


def spoil(folder: Path, file: str, old: str, new: str) -> list[str]:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return faults_in(folder)


@pytest.mark.parametrize("folder", [TWENTE, KADESTAD])
def test_our_own_cities_are_sound(folder: Path) -> None:
    assert faults_in(folder) == []


@pytest.mark.anyio
@pytest.mark.parametrize("folder", [TWENTE, KADESTAD])
async def test_loading_twice_changes_nothing(engine: AsyncEngine, folder: Path) -> None:
    city = read_city(folder)
    await load(engine, city)
    once = await everything(engine)
    assert all(once.values())
    await load(engine, city)
    assert await everything(engine) == once


@pytest.mark.anyio
async def test_the_example_city_is_whole(engine: AsyncEngine) -> None:
    await load(engine, read_city(TWENTE))
    async with reading(engine) as session:
        assert (await session.exec(select(func.count()).select_from(Offering))).one() == 179
        assert (await session.exec(select(func.count()).where(~col(Offering.offered)))).one() == 4
        assert {row.prefix for row in await session.exec(select(Organisation))} == {"ES", "HE", None}
        period = await session.get_one(Period, "ut:2026/27:2A")
        assert period.starts_on.isoformat() == "2027-02-01"
        offering = await session.get_one(Offering, "saxion-project-week")
        assert offering.data["hand_in_weeks"] == 6
        dirk = (await session.exec(select(Person).where(Person.email == "dirk.visser@example.org"))).one()
        held = await session.exec(select(Membership).where(Membership.person_id == dirk.id))
        assert held.all() == []


@pytest.mark.anyio
async def test_without_people_nobody_is_entered(engine: AsyncEngine) -> None:
    await load(engine, read_city(TWENTE), people=False)
    found = await everything(engine)
    assert found["Person"] == found["Membership"] == []


@pytest.mark.anyio
async def test_changes_arrive_and_what_left_is_no_longer_offered(engine: AsyncEngine, kadestad: Path) -> None:
    await load(engine, read_city(kadestad))
    spoil(kadestad, "catalogue.yaml", "nl: Waterbouw, en:", "nl: Water en bouw, en:")
    text = (kadestad / "catalogue.yaml").read_text()
    (kadestad / "catalogue.yaml").write_text(text[: text.index("  - id: kade-logistiek")])
    spoil(kadestad, "calendar.yaml", "2027-06-07, ends_on: 2027-06-09", "2027-06-14, ends_on: 2027-06-16")
    await load(engine, read_city(kadestad))
    async with reading(engine) as session:
        assert (await session.get_one(Offering, "kade-waterbouw")).name_nl == "Water en bouw"
        assert not (await session.get_one(Offering, "kade-logistiek")).offered
        closures = (await session.exec(select(Closure))).all()
        assert [one.starts_on.isoformat() for one in closures if not one.organisation_id] == ["2027-06-14"]
        assert [one.name for one in closures if one.organisation_id == "kade-college"] == ["Studieweek"]


@pytest.mark.anyio
async def test_a_role_that_was_ended_stays_ended(engine: AsyncEngine) -> None:
    city = read_city(KADESTAD)
    await load(engine, city)
    async with writing(engine) as session:
        for one in await session.exec(select(Membership).where(Membership.role == "chair")):
            one.ended_on = one.ended_on or city.city.agreement.periods[0].starts_on
            session.add(one)
    await load(engine, city)
    async with reading(engine) as session:
        chairs = (await session.exec(select(Membership).where(Membership.role == "chair"))).all()
        assert [one.ended_on for one in chairs] == [city.city.agreement.periods[0].starts_on]


@pytest.mark.anyio
async def test_one_installation_serves_one_cooperation(engine: AsyncEngine) -> None:
    await load(engine, read_city(KADESTAD))
    with pytest.raises(ValueError, match="'kadestad' already"):
        await load(engine, read_city(TWENTE))


@pytest.mark.anyio
async def test_a_city_brings_its_own_terms_and_closed_days(engine: AsyncEngine) -> None:
    await load(engine, read_city(KADESTAD))
    async with reading(engine) as session:
        question = Question(state="unclear")
        case = await open_case(session, question)
        assert [case.term("unclear", n) for n in range(3)] == ["3 wd", "6 wd", None]
        calendar = await calendar_of(session, await cooperation_of(session))
    closed = read_city(KADESTAD).calendar.closures[0]
    assert not calendar.works_on(closed.starts_on)
    assert calendar.add_working_days(closed.starts_on, 1) > closed.ends_on


FAULTS = [
    ("catalogue.yaml", "kind: thesis", "kind: scriptie", "offerings, row 2 (kade-sociaal-werk), kind"),
    ("catalogue.yaml", "languages: [nl, en]", "talen: [nl, en]", "row 2 (kade-sociaal-werk), talen: is not known"),
    ("catalogue.yaml", "institution: kade-college", "institution: kade-colege", "row 3 (kade-logistiek): no inst"),
    ("catalogue.yaml", "periods: [voorjaar]", "periods: [lente]", "no period 'lente' for kade-hogeschool"),
    ("catalogue.yaml", "weeks: [10, 20]", "weeks: [20, 10]", "shortest first"),
    ("catalogue.yaml", "id: kade-logistiek", "id: kade-waterbouw", "'kade-waterbouw' is there 2 times"),
    ("calendar.yaml", "starts_on: 2027-01-11", "starts_on: 2027-13-11", "periods, row 1, starts_on"),
    ("calendar.yaml", "ends_on: 2027-03-19", "ends_on: 2026-03-19", "lies before starts_on"),
    ("calendar.yaml", "programme: 6, ", "", "no hand_in_weeks here nor for 'programme'"),
    ("city.yaml", "unclear: [3 wd", "unclear: [3 werkdagen", "'3 werkdagen' is not a term"),
    ("city.yaml", "unclear: [", "uncertain: [", "there is no state 'uncertain'"),
    ("city.yaml", "mandate: [reject]", "mandate: [refuse]", "there is no step 'refuse'"),
    ("city.yaml", "Europe/Amsterdam", "Europe/Kadestad", "'Europe/Kadestad' is not a time zone"),
    ("city.yaml", "prefix: KA", "prefix: Kade", "municipalities, row 1 (kadestad), prefix"),
    ("people.yaml", "email: bea@kadestad.example.org", "email: bea", "people, row 2 (Bea Sluis), email"),
    ("people.yaml", "organisation: havenbureau", "organisation: haven", "row 8 (Hein Tros): no organisation"),
    ("people.yaml", "organisation: kade-college, roles: [broker]", "organisation: kade-college, roles: [lecturer]",
     "kade-college has no broker"),
    ("people.yaml", "roles: [partner]", "roles: [clock]", "nobody can be given the role clock"),
    ("people.yaml", "demo: true", "demo: true\ndemo: false", "'demo' is there twice"),
    ("people.yaml", "demo: true", "demo: [true", "people.yaml is not valid YAML"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "expected"), FAULTS, ids=[row[3] for row in FAULTS])
def test_a_fault_is_named_with_its_row(kadestad: Path, file: str, old: str, new: str, expected: str) -> None:
    faults = spoil(kadestad, file, old, new)
    assert any(expected in fault for fault in faults), faults
    assert all(".yaml" in fault for fault in faults)


def test_every_fault_is_told_at_once_and_a_missing_file_too(kadestad: Path) -> None:
    spoil(kadestad, "catalogue.yaml", "kind: thesis", "kind: scriptie")
    spoil(kadestad, "people.yaml", "email: bea@kadestad.example.org", "email: bea")
    (kadestad / "calendar.yaml").unlink()
    with pytest.raises(FaultyCity) as caught:
        read_city(kadestad)
    assert len(caught.value.faults) == 3
    assert any("calendar.yaml is missing" in fault for fault in caught.value.faults)

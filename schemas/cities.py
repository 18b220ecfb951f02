"""A city is a folder of data: read it with every fault named, and bring the tables in line with it."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import calendar_of
from schemas.city_form import CalendarFile, CatalogueFile, City, CityFile, PeopleFile
from schemas.city_rows import load_people, load_places, load_terms
from schemas.city_sense import senseless
from schemas.clock import Calendar
from schemas.parties import Cooperation
from schemas.replay import set_right
from schemas.yaml_rows import rows_of

FILES: dict[str, type[BaseModel]] = {
    "city": CityFile, "catalogue": CatalogueFile, "calendar": CalendarFile, "people": PeopleFile,
}  # fmt: skip
OPTIONAL = {"people"}


class FaultyCity(ValueError):  # noqa: N818 - it is the city that is faulty
    """The files cannot be used. `faults` has one line for each thing wrong: file, row, cause, mend."""

    def __init__(self, folder: Path, faults: list[str]) -> None:
        super().__init__(f"{folder} cannot be used:\n" + "\n".join(f"- {fault}" for fault in faults))
        self.faults = faults


def read_city(folder: Path) -> City:
    """The city in a folder of city, catalogue, calendar and perhaps people, each `.yaml`. Raises FaultyCity."""
    found: dict[str, BaseModel] = {}
    faults: list[str] = []
    for name, form in FILES.items():
        content: dict[str, Any] = {}
        try:
            content = _content(folder / f"{name}.yaml", name in OPTIONAL)
            found[name] = form.model_validate(content)
        except ValidationError as error:
            faults += [_in_words(f"{name}.yaml", content, one) for one in error.errors()]
        except (OSError, ValueError) as error:
            faults.append(str(error))
    if faults:
        raise FaultyCity(folder, faults)
    city = City.model_validate(found)
    if faults := senseless(city):
        raise FaultyCity(folder, faults)
    return city


def faults_in(folder: Path) -> list[str]:
    """Everything wrong with a city's files, one line each; empty when there is nothing."""
    try:
        read_city(folder)
    except FaultyCity as error:
        return error.faults
    return []


async def load_city(session: AsyncSession, city: City, *, people: bool) -> int:
    """Make the tables say what the city's files say; repeating it changes nothing. How many terms moved by it.

    What left the files is not deleted while questions may point at it: offerings are no longer offered. Terms move only
    when the calendar has changed: rules that changed hold for new questions, and for those that adopt them.
    Raises ValueError when this installation serves another cooperation already.
    """
    before = await _calendar(session, city)
    await load_places(session, city)
    await load_terms(session, city)
    if people:
        await load_people(session, city)
    await session.flush()
    return await set_right(session) if before and before != await _calendar(session, city) else 0


async def _calendar(session: AsyncSession, city: City) -> Calendar | None:
    cooperation = await session.get(Cooperation, city.city.id)
    return await calendar_of(session, cooperation) if cooperation else None


def _content(path: Path, optional: bool) -> dict[str, Any]:
    if not path.is_file():
        if optional:
            return {}
        raise ValueError(f"{path.name} is missing in {path.parent}; copy the one of another city and change it")
    return rows_of(path)


def _in_words(file: str, content: Any, error: Any) -> str:
    """`catalogue.yaml, offerings, row 12 (ut-x), weeks: …`, rows counted from 1."""
    parts = []
    for part in error["loc"]:
        content = _at(content, part)
        name = (content.get("id") or content.get("name")) if isinstance(content, dict) else None
        parts.append((f"row {part + 1}" + (f" ({name})" if name else "")) if isinstance(part, int) else str(part))
    given = error["input"]
    shown = f" (given: {given!r})" if isinstance(given, str | int | float) else ""
    told = {"missing": "is missing; add it", "extra_forbidden": "is not known here; take it out or correct its name"}
    return f"{file}, {', '.join(parts)}: {told.get(error['type']) or error['msg'] + shown}"


def _at(content: Any, part: int | str) -> Any:
    try:
        return content[part]
    except (KeyError, IndexError, TypeError):
        return None

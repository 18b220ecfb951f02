"""Questions in bulk from YAML, CSV or XLSX: every faulty row told with its number and reason, the others untouched."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from openpyxl import load_workbook
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching import letters as _letters  # noqa: F401 - registers what letters say about terms
from schemas.birth import begin_draft, fill
from schemas.case import cooperation_of
from schemas.database import reading, writing
from schemas.form import FIELDS
from schemas.ledger import Letter, LetterState
from schemas.moment import now
from schemas.needs import FaultyNeeds
from schemas.parties import Organisation, Person
from schemas.roles import people_of
from schemas.rules import Role
from schemas.steps import Actor, take_step
from schemas.subjects import Question
from schemas.words import words

Row = Mapping[str, Any]


@dataclass
class Outcome:
    """What became of an import."""

    made: list[str] = field(default_factory=list)
    known: int = 0
    faulty: list[tuple[int, str]] = field(default_factory=list)


class Unreadable(ValueError):  # noqa: N818
    """The file as a whole cannot be read; the message says why and what to do."""


def rows_in(path: Path) -> list[Row]:
    """The rows of a file, as mappings. Raises Unreadable."""
    kinds: dict[str, Callable[[Path], Iterable[Row]]] = {
        ".yaml": _yaml, ".yml": _yaml, ".csv": _csv, ".xlsx": _xlsx,
    }  # fmt: skip
    read = kinds.get(path.suffix.lower())
    if read is None:
        raise Unreadable(f"{path.name}: only .yaml, .csv and .xlsx files can be imported. Save it as one of these.")
    try:
        return list(read(path))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(f"{path.name} cannot be read as {path.suffix[1:]}: {error}") from error


def _yaml(path: Path) -> Iterable[Row]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = found.get("questions") if isinstance(found, dict) else found
    if not isinstance(rows, list):
        raise Unreadable(f"{path.name}: expected a list of questions, or `questions:` with a list under it.")
    return rows


def _csv(path: Path) -> Iterable[Row]:
    text = path.read_text(encoding="utf-8-sig")
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        dialect = "excel"
    return list(csv.DictReader(text.splitlines(), dialect=dialect))


def _xlsx(path: Path) -> Iterator[Row]:
    sheet = load_workbook(path, read_only=True, data_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    heads = [str(head or "").strip() for head in next(rows, ())]
    for row in rows:
        if any(cell is not None for cell in row):
            yield {head: "" if cell is None else str(cell) for head, cell in zip(heads, row, strict=False)}


async def import_rows(engine: AsyncEngine, rows: Iterable[Any], tick: Callable[[], None]) -> Outcome:
    """Put each row in as a submitted question, in a transaction of its own; a row that is there already is left."""
    outcome = Outcome()
    async with reading(engine) as session:
        places = await _places(session)
        coordinator = await _coordinator(session)
    for number, row in enumerate(rows, start=1):
        try:
            async with writing(engine) as session:
                ref = await _put_in(session, row, places, coordinator)
            if ref:
                outcome.made.append(ref)
            else:
                outcome.known += 1
        except FaultyNeeds as error:
            outcome.faulty.append((number, _in_words(error)))
        except (TypeError, ValueError) as error:
            outcome.faulty.append((number, str(error)))
        tick()
    return outcome


async def _put_in(session: AsyncSession, row: Row, places: Mapping[str, str], coordinator: Person) -> str | None:
    if not isinstance(row, Mapping):
        raise TypeError("a row must have named fields")
    form = form_of(row, places, coordinator)
    mark = sha256(f"{row.get('id') or ''}|{form['title']}|{form['situation']}".encode()).hexdigest()[:24]
    if (await session.exec(select(Question.id).where(Question.import_mark == mark))).first():
        return None
    question = await begin_draft(session, "nl")
    question.import_mark = mark
    await fill(session, question, form)
    await take_step(session, question, "submit", Actor(question.submitter_id))
    # Whoever imports a hundred questions does not want a hundred receipts.
    own = (col(Letter.question_id) == question.id, col(Letter.recipient_id) == coordinator.id)
    await session.exec(update(Letter).where(*own).values(state=LetterState.WITHHELD))
    return question.ref


def form_of(row: Row, places: Mapping[str, str], coordinator: Person) -> dict[str, Any]:
    """A row as an answered form. What a historical question does not say is filled in for the coordinator to mend."""
    known = {name: row[name] for name in FIELDS if row.get(name) not in (None, "")}
    language = str(row.get("language") or "nl")
    text = str(row.get("situation") or row.get("question") or "")
    place = str(row.get("city") or "")
    fallback = words("nl" if language not in ("nl", "en") else language)["imported"]
    form = {
        "situation": text,
        "wanted": fallback["wanted"],
        "use": fallback["use"],
        "submitter_name": coordinator.name,
        "submitter_email": coordinator.email,
        "department": fallback["department"],
        "owner_is_me": "no" if row.get("owner_email") else "yes",
        "deputy_name": fallback["deputy"],
        "deputy_email": "regiegroep@" + coordinator.email.partition("@")[2],
        "manager_agrees": "yes",
        "challenge": str(row.get("challenge") or row.get("opgave") or "unknown"),
        "time_available": "few_meetings",
        "confidential": "unsure",
        "known": "\n".join(str(row[key]) for key in ("outcome", "source") if row.get(key))[:3000],
        "place": place,
    } | known
    form["city"] = places.get(place.lower(), places[""])
    form["language"] = language if language in ("nl", "en") else "en"
    if not row.get("title"):
        raise ValueError("title is missing")
    if not text:
        raise ValueError("question (or situation) is missing")
    return form


async def _places(session: AsyncSession) -> dict[str, str]:
    rows = (await session.exec(select(Organisation).where(Organisation.kind == "municipality"))).all()
    found: dict[str, str] = {}
    for row in rows:
        found |= {row.id.lower(): row.id, row.name_nl.lower(): row.id, row.name_nl.split()[-1].lower(): row.id}
    # Questions from elsewhere are examples to learn from; the first municipality of the cooperation keeps them.
    found[""] = rows[0].id
    return found


async def _coordinator(session: AsyncSession) -> Person:
    await cooperation_of(session)
    people = await people_of(session, Role.COORDINATOR, Question(), [], now().date())
    if not people:
        raise Unreadable("Nobody is coordinator yet. Give somebody that role, then import again.")
    return people[0]


def _in_words(error: FaultyNeeds) -> str:
    said = words("en")["faults"]
    return "; ".join(f"{fault.field}: {said[fault.code].format(limit=fault.limit)}" for fault in error.faults)

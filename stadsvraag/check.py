"""The doctor: looks at each part and says what is wrong, why, and how to mend it."""

import asyncio
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
import typer
from pydantic import ValidationError

from stadsvraag.letter_checks import PATIENCE, in_short, inbox, mail, own_texts, texts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("schemas", "matching", "notifications", "flows", "intake", "stadsvraag")
Check = Callable[[], str | None]
REPLAYED = 500  # clocks of each kind that are replayed, those that are due soonest


def examine() -> Iterator[tuple[str, str | None]]:
    """Each check's name with its fault in words, or None when all is well. Later checks need the settings."""
    yield "rooms", rooms()
    fault = environment()
    yield "settings", fault
    if fault:
        return
    checks: dict[str, Check] = {
        "database": database, "city": city, "process": process, "clocks": clocks, "texts": texts,
        "own texts": own_texts, "Prefect": prefect, "mail": mail, "inbox": inbox,
    }  # fmt: skip
    lacking = set[str]()
    for name, check in checks.items():
        if name in ("process", "clocks", "own texts") and "database" in lacking:
            continue  # the one fault is enough
        fault = check()
        lacking |= {name} if fault else set()
        yield name, fault


def rooms() -> str | None:
    """`intake` and `notifications` are names of published packages too: ours must be the ones that are imported."""
    for room in ROOMS:
        spec = find_spec(room)
        where = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if where != ROOT / room:
            return (
                f"the room {room} comes from {where or 'nowhere'}, not from {ROOT / room}. Another package of that "
                f"name is installed: give Stadsvraag an environment of its own (remove .venv, then ./run)."
            )
    return None


def environment() -> str | None:
    from schemas.settings import settings

    try:
        settings()
    except ValidationError as error:
        return in_words(error)
    return None


def in_words(error: ValidationError) -> str:
    """What is wrong with the settings, by the names that an operator knows."""
    said = [f"{_variable(one['loc'])}{str(one['msg']).removeprefix('Value error, ')}" for one in error.errors()]
    return "; ".join(said) + ". See .env.example for every setting."


def _variable(where: tuple[int | str, ...]) -> str:
    return f"STADSVRAAG_{str(where[0]).upper()}: " if where else ""


def database() -> str | None:
    from schemas.migrate import drift
    from schemas.settings import settings

    url = settings().database_url
    try:
        behind = asyncio.run(asyncio.wait_for(drift(url), PATIENCE * 2))
    except Exception as error:
        if "not up to date" in str(error):
            return "the tables are of an older version. Run: stadsvraag migrate"
        where = urlsplit(url).hostname or urlsplit(url).path
        return f"cannot be reached at {where}: {in_short(error)}. Check STADSVRAAG_DATABASE_URL and whether it runs."
    return "the tables differ from this version. Run: stadsvraag migrate" if behind else None


def city() -> str | None:
    from schemas.cities import faults_in
    from schemas.settings import settings

    faults = faults_in(settings().city)
    return "; ".join(faults) + ". Mend the file, then: stadsvraag city load" if faults else None


def process() -> str | None:
    """The rules in force are what release and city files make, and every open question has a place in them."""
    from sqlmodel import select

    from schemas.changes import astray
    from schemas.cities import FaultyCity, read_city
    from schemas.city_rows import rules_in
    from schemas.database import reading
    from schemas.parties import Cooperation
    from schemas.settings import settings
    from stadsvraag import session

    async def look(engine: "AsyncEngine") -> tuple[list[str], str | None]:
        async with reading(engine) as session:
            return await astray(session), (await session.exec(select(Cooperation.process_id))).first()

    lost, version = asyncio.run(session.engine(look))
    if lost:
        return f"this release has no state for {', '.join(lost)}. Go back to the release before, and end those first."
    try:
        made = rules_in(read_city(settings().city)).id
    except FaultyCity:
        return None  # said above
    if version and made != version:
        return (
            f"version {version} of the rules is in force, this release and the city's files make {made}. See what that "
            f"would change with: stadsvraag city load {settings().city} --dry-run. Then load it."
        )
    return None


def clocks() -> str | None:
    """Each clock says what its replay from the ledger says."""
    from schemas.database import reading
    from schemas.replay import differing
    from stadsvraag import session

    async def look(engine: "AsyncEngine") -> list[str]:
        async with reading(engine) as found:
            return [one.ref or "a draft" for one, _ in await differing(found, REPLAYED)]

    names = asyncio.run(session.engine(look))
    return (
        f"{len(names)} differ from their replay, such as {', '.join(names[:5])}. Run: stadsvraag clocks"
        if names
        else None
    )


def prefect() -> str | None:
    from schemas.settings import settings

    url = settings().prefect_api_url
    if not url:
        return "STADSVRAAG_PREFECT_API_URL is not set. Start a server with `prefect server start` and name it there."
    try:
        answer = httpx2.get(f"{url.rstrip('/')}/health", timeout=PATIENCE)
    except httpx2.HTTPError as error:
        return f"does not answer at {url}: {in_short(error)}. Start it, or correct STADSVRAAG_PREFECT_API_URL."
    return None if answer.status_code == 200 else f"answers {answer.status_code} at {url}. Look in its log."


def say_all() -> bool:
    """Tell what each check found; whether nothing is wrong."""
    faults = 0
    for name, fault in examine():
        faults += fault is not None
        _say("fault" if fault else "ok", name, fault or "")
    return not faults


def say_sending() -> bool:
    """Tell what others think of our mail, sentence by sentence; whether nothing is wrong."""
    from notifications.sender import findings
    from schemas.settings import settings

    if fault := environment():
        _say("fault", "settings", fault)
        return False
    known = settings()
    try:
        found = asyncio.run(findings(known.mail_from, known.smtp_url.get_secret_value(), known.mail_dkim_selector))
    except ValueError as error:
        _say("fault", "settings", f"{error}. Check STADSVRAAG_MAIL_FROM and STADSVRAAG_SMTP_URL.")
        return False
    for one in found:
        _say(one.verdict, one.about, one.says)
    return all(one.verdict != "fault" for one in found)


def _say(verdict: str, about: str, says: str) -> None:
    shade = {"fault": "red", "advice": "yellow"}.get(verdict)
    typer.secho(f"{verdict:>6}  {about}" + (f": {says}" if says else ""), fg=shade)

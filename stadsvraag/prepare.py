"""Make a data directory ready: migrate, load the city, and in the demonstration write down who its people are."""

import asyncio
import json
import os
import secrets
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.access import ApiToken, Sign, digest
from schemas.cities import load_city, read_city
from schemas.database import open_engine, writing
from schemas.migrate import migrate
from schemas.parties import Membership, Organisation, Person
from schemas.rules import Role
from schemas.settings import Settings, settings


async def prepare(chosen: Settings) -> None:
    """Bring the database of these settings up to date. Safe to repeat, and after being killed half-way."""
    await asyncio.to_thread(chosen.data_dir.mkdir, parents=True, exist_ok=True)
    await migrate(chosen.database_url)
    engine = open_engine(chosen.database_url)
    async with writing(engine) as session:
        await load_city(session, read_city(chosen.city), people=chosen.demo)
        await session.exec(delete(Sign))  # what a runner that has died said of itself
    if chosen.demo:
        await _write_people(engine, chosen.data_dir / "people.json")
    await engine.dispose()


async def _write_people(engine: AsyncEngine, path: Path) -> None:
    if await asyncio.to_thread(path.exists):
        return
    async with writing(engine) as session:
        rows = await _people(session)
    await asyncio.to_thread(_keep, rows, path)


def _keep(rows: list[dict[str, str]], path: Path) -> None:
    # The tokens count only once the file is there whole; if we die in between, the next start makes new ones.
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)


async def _people(session: AsyncSession) -> list[dict[str, str]]:
    query = (
        select(Person, Membership, Organisation)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Organisation, col(Organisation.id) == Membership.organisation_id)
        .where(col(Person.demo).is_(True))
        .order_by(col(Person.id), col(Membership.id))
    )
    found: dict[int, tuple[Person, str, str]] = {}
    for person, membership, organisation in await session.exec(query):
        found.setdefault(person.id, (person, membership.role, organisation.id))
    outside = select(Person).where(col(Person.demo).is_(True), col(Person.id).not_in(found))
    found |= {person.id: (person, Role.PUBLIC.value, "") for person in await session.exec(outside)}
    return [await _with_token(session, *one) for one in found.values()]


async def _with_token(session: AsyncSession, person: Person, role: str, organisation: str) -> dict[str, str]:
    token = await new_token(session, person)
    return {"name": person.name, "email": person.email, "role": role, "organisation": organisation, "token": token}


async def new_token(session: AsyncSession, person: Person) -> str:
    """A token for a program that acts as this person; it is shown once and kept as its digest."""
    token = secrets.token_urlsafe(32)
    session.add(ApiToken(digest=digest(token), person_id=person.id))
    await session.flush()
    return token


if __name__ == "__main__":
    asyncio.run(prepare(settings()))

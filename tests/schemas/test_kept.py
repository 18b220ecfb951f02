"""What a process keeps is what stands in the database: whoever changes it, however, rolled back or not."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel, col, insert, update
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas import kept as room
from schemas.absence import Absence, away_on
from schemas.case import calendar_of, cooperation_of
from schemas.database import reading, writing
from schemas.kept import MARK
from schemas.moment import now
from schemas.parties import Membership, Organisation, Person
from schemas.places import courses, houses, periods
from schemas.roles import in_office, memberships
from schemas.rules import Role
from schemas.supply import Edition, confirmed
from schemas.tables import METADATA
from tests.cast import PLACES, Cast

KEPT: dict[str, Any] = {
    one.class_.__tablename__: one.class_
    for one in SQLModel._sa_registry.mappers  # type: ignore[attr-defined]
    if getattr(one.class_, "kept", False)
}


async def mark_of(engine: AsyncEngine) -> str:
    async with reading(engine) as session:
        return (await session.exec(MARK)).one()


async def seen(session: AsyncSession, today: date, cast: Cast) -> list[Any]:
    """Everything that is kept, as far as steps look at it."""
    cooperation = await cooperation_of(session)
    held = [one for who in cast.all.values() for one in await memberships(session, who.id, today)]
    rows: list[Mapping[str, Any]] = [await houses(session), await courses(session), await periods(session)]
    return [
        sorted((one.person_id, one.organisation_id, one.role) for one in held),
        [one.id for one in await in_office(session, Role.COORDINATOR, today)],
        dict(await away_on(session, today)), cooperation.model_dump(), await calendar_of(session, cooperation),
        *([(key, row.model_dump()) for key, row in sorted(found.items())] for found in rows),
        sorted((key, row.open) for key, row in (await confirmed(session)).items()),
    ]  # fmt: skip


async def as_it_is(engine: AsyncEngine, today: date, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The same by a process that has kept nothing yet."""
    with monkeypatch.context() as fresh:
        fresh.setattr(room, "_SHELVES", type(room._SHELVES)())
        async with reading(engine) as session:
            return await seen(session, today, cast)


@pytest.mark.parametrize("table", sorted(KEPT.keys() - {"person"}))
async def test_whatever_changes_a_kept_table_renews_the_mark(engine: AsyncEngine, cast: Cast, table: str) -> None:
    made = {"absence": Absence(person_id=cast.amira.id, substitute_id=cast.hanna.id, starts_on=now().date(),
                               ends_on=now().date(), made_by_id=cast.amira.id),
            "edition": Edition(offering_id=PLACES["ut"].offering, term_id=PLACES["ut"].term)}  # fmt: skip
    marks = [await mark_of(engine)]
    if table in made:
        async with writing(engine) as session:
            session.add(made[table])
        marks.append(await mark_of(engine))
    column = next(one for one in METADATA.tables[table].columns if not one.primary_key)
    async with engine.begin() as connection:
        await connection.execute(METADATA.tables[table].update().values({column: column}))
    marks.append(await mark_of(engine))
    if table in made:
        async with engine.begin() as connection:
            await connection.execute(METADATA.tables[table].delete())
        marks.append(await mark_of(engine))
    assert len({*marks}) == len(marks)


async def test_of_people_only_who_leaves_renews_the_mark(engine: AsyncEngine, cast: Cast) -> None:
    before = await mark_of(engine)
    async with writing(engine) as session:
        await session.exec(update(Person).where(col(Person.id) == cast.amira.id).values(name="Amira Bos"))
    assert await mark_of(engine) == before
    async with writing(engine) as session:
        (await session.get_one(Person, cast.amira.id)).left_on = now().date()
    assert await mark_of(engine) != before


async def test_whoever_changes_an_office_sees_it_at_once_and_others_when_it_stands(
    engine: AsyncEngine, cast: Cast
) -> None:
    today = now().date()

    async def coordinators(session: AsyncSession) -> set[int]:
        return {one.id for one in await in_office(session, Role.COORDINATOR, today)}

    async with reading(engine) as session:
        before = await coordinators(session)
    async with writing(engine) as session:
        assert await coordinators(session) == before
        session.add(Membership(person_id=cast.amira.id, organisation_id="enschede", role=Role.COORDINATOR))
        await session.flush()
        assert await coordinators(session) == before | {cast.amira.id}
        await session.rollback()
    async with reading(engine) as session:
        assert await coordinators(session) == before


async def test_what_a_savepoint_took_back_is_forgotten(engine: AsyncEngine, cast: Cast) -> None:
    today = now().date()
    async with writing(engine) as session:
        before = await memberships(session, cast.bram.id, today)
        point = await session.begin_nested()
        await session.exec(update(Membership).values(ended_on=today))
        assert await memberships(session, cast.bram.id, today) == ()
        await point.rollback()
        assert len(await memberships(session, cast.bram.id, today)) == len(before) > 0


CHANGES: dict[str, Callable[[AsyncSession, Cast], Awaitable[object]]] = {
    "an office ends": lambda session, cast: session.exec(
        update(Membership).where(col(Membership.person_id) == cast.bram.id).values(ended_on=now().date())
    ),
    "it goes on": lambda session, cast: session.exec(
        update(Membership).where(col(Membership.person_id) == cast.bram.id).values(ended_on=None)
    ),
    "somebody is away": lambda session, cast: session.exec(
        insert(Absence).values(person_id=cast.femke.id, substitute_id=cast.ivo.id, starts_on=date(2026, 1, 1),
                               ends_on=date(2027, 1, 1), made_by_id=cast.femke.id, made_at=now())
    ),
    "nobody is away": lambda session, cast: session.exec(text("DELETE FROM absence")),  # type: ignore[call-overload]
    "who stands in leaves": lambda session, cast: session.exec(
        update(Person).where(col(Person.id) == cast.ivo.id).values(left_on=now().date() - timedelta(days=1))
    ),
    "and comes back": lambda session, cast: session.exec(
        update(Person).where(col(Person.id) == cast.ivo.id).values(left_on=None)
    ),
    "a house has another name": lambda session, cast: session.exec(
        update(Organisation).where(col(Organisation.id) == "ut").values(name_nl="De universiteit")
    ),
}  # fmt: skip


@given(done=st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.booleans()), min_size=1, max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_after_any_changes_the_kept_is_what_a_new_process_would_read(
    engine: AsyncEngine, cast: Cast, monkeypatch: pytest.MonkeyPatch, done: list[tuple[str, bool]]
) -> None:
    today = now().date()
    for what, stands in done:
        async with engine.connect() as connection:
            session = AsyncSession(connection)
            await CHANGES[what](session, cast)
            await (session.commit() if stands else session.rollback())
            await session.close()
            await (connection.commit() if stands else connection.rollback())
        async with reading(engine) as session:
            found = await seen(session, today, cast)
        assert found == await as_it_is(engine, today, cast, monkeypatch), what


async def test_what_is_kept_cannot_be_changed_where_it_is_kept(engine: AsyncEngine) -> None:
    async with reading(engine) as session:
        house = (await houses(session))["ut"]
    with pytest.raises(AttributeError, match="read it in a session of your own"):
        house.name_nl = "De universiteit"

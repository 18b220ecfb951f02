"""A database that is away is called so, whatever its driver makes of it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.database import UNREACHABLE, open_engine, reading, writing
from tests.databases import Postgres

pytestmark = pytest.mark.postgres
STATES = {"57P01": True, "57P02": True, "57P03": True, "53100": True, "53300": True, "08006": True, "58030": True,
          "40001": False, "40P01": False, "P0001": False, "22012": False}  # fmt: skip


@pytest.fixture
async def engine(postgres: Postgres, postgres_city: str) -> AsyncEngine:
    return open_engine(postgres.url(postgres_city))


async def test_a_server_that_stops_is_away(engine: AsyncEngine) -> None:
    with pytest.raises(UNREACHABLE):
        async with writing(engine) as session:
            await session.exec(text("SELECT pg_terminate_backend(pg_backend_pid())"))  # type: ignore[call-overload]
    async with reading(engine) as session:  # and the next one gets another connection
        assert (await session.exec(text("SELECT 1"))).scalar() == 1  # type: ignore[call-overload]
    await engine.dispose()


async def test_connections_that_were_closed_while_nobody_used_them_are_not_used_again(engine: AsyncEngine) -> None:
    """As after a restart of the server at night: the first to come in the morning notices nothing."""
    waiting = [await engine.connect() for _ in range(3)]
    backends = [one.scalar() for one in [await each.execute(text("SELECT pg_backend_pid()")) for each in waiting]]
    for one in waiting:
        await one.close()
    other = open_engine(engine.url.render_as_string(hide_password=False))
    async with writing(other) as session:
        for backend in backends:
            await session.exec(text(f"SELECT pg_terminate_backend({backend}, 5000)"))  # type: ignore[call-overload]
    await other.dispose()
    for _ in range(3):
        async with writing(engine) as session:
            pid = (await session.exec(text("SELECT pg_backend_pid()"))).scalar()  # type: ignore[call-overload]
            assert pid not in backends
    await engine.dispose()


@pytest.mark.parametrize(("state", "away"), STATES.items())
async def test_which_states_mean_that_it_is_away(engine: AsyncEngine, state: str, away: bool) -> None:
    """No room for another row or connection, starting, stopping: away. A deadlock or a fault of ours is not."""
    raised = text(f"DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{state}'; END $$")
    with pytest.raises(DBAPIError) as told:
        async with writing(engine) as session:
            await session.exec(raised)  # type: ignore[call-overload]
    assert isinstance(told.value, UNREACHABLE) == away
    assert getattr(told.value.orig, "sqlstate", None) == state
    await engine.dispose()

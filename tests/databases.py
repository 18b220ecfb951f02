"""Fresh databases for tests: a copy of a template that was migrated and loaded once per run."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy.engine import make_url

from schemas.cities import load_city, read_city
from schemas.city_form import City
from schemas.city_post import Post
from schemas.database import open_engine, writing
from schemas.migrate import migrate

ROOT = Path(__file__).parents[1]
TWENTE, KADESTAD = ROOT / "cities" / "twente", ROOT / "tests" / "cities" / "kadestad"
SERVER = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432")


def unavailable(reason: str) -> None:
    """Skip for want of a service; fail instead where every service must be there (STADSVRAAG_TEST_REQUIRE=all)."""
    if os.environ.get("STADSVRAAG_TEST_REQUIRE") == "all":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


async def fill(url: str, folder: Path = TWENTE) -> None:
    """Migrate an empty database and load a city with its people."""
    await migrate(url)
    engine = open_engine(url)
    async with writing(engine) as session:
        await load_city(session, awake(read_city(folder)), people=True)
    await engine.dispose()


def awake(city: City) -> City:
    """Without quiet hours: what a test sees must not depend on the hour at which it runs."""
    return city.model_copy(update={"city": city.city.model_copy(update={"post": Post()})})


def sqlite_url(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


def sqlite_template(path: Path, folder: Path = TWENTE) -> Path:
    """A database file with a city in it."""
    asyncio.run(fill(sqlite_url(path), folder))
    return path


def sqlite_copy(template: Path, path: Path) -> str:
    """The URL of a copy of a template."""
    shutil.copyfile(template, path)
    return sqlite_url(path)


class Postgres:
    """A server on which this run makes and drops databases of its own, named with its process id."""

    def __init__(self, server: str = SERVER) -> None:
        self.server = make_url(server)
        self.prefix = f"stadsvraag_test_{os.getpid()}_"

    def reachable(self) -> str | None:
        """Why the server cannot be used, or None."""
        try:
            self.run("SELECT 1")
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            return f"no PostgreSQL at {self.server.host}:{self.server.port or 5432} ({error}); set TEST_POSTGRES_URL"
        return None

    def run(self, *statements: str) -> None:
        asyncio.run(self._run(*statements))

    async def _run(self, *statements: str) -> None:
        url = self.server.set(drivername="postgresql", database="postgres")
        connection = await asyncpg.connect(url.render_as_string(hide_password=False), timeout=5)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    def url(self, name: str) -> str:
        url = self.server.set(drivername="postgresql+asyncpg", database=name)
        return url.render_as_string(hide_password=False)

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The name of a new database, dropped when the block ends."""
        name = self.prefix + uuid4().hex[:12]
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield name
        finally:
            self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

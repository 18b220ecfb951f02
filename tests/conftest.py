"""What every test may ask for: a fresh database with the example city, its people, the application, the clock."""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before anything reads the settings, which is once per process.
os.environ |= {
    "STADSVRAAG_SECRET_KEY": "a key for tests that guards nothing at all",
    "STADSVRAAG_ENVIRONMENT": "demo",
    "STADSVRAAG_DATA_DIR": tempfile.mkdtemp(prefix="stadsvraag-test-"),
    "STADSVRAAG_BASE_URL": "http://stad.example.org",
}

import httpx2
import pytest
import time_machine
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.access import ApiToken, Session
from schemas.cities import read_city
from schemas.city_form import City
from schemas.database import open_engine, writing
from schemas.moment import now
from schemas.settings import settings
from tests.cast import Cast, Somebody
from tests.databases import TWENTE, Postgres, fill, sqlite_copy, sqlite_template, sqlite_url, unavailable
from tests.story import Story

if TYPE_CHECKING:
    from fastapi import FastAPI

TODAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday; every period of the example city's calendar is near
SignIn = Callable[[Somebody], Awaitable[httpx2.AsyncClient]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """TODAY, running on from there; `clock.move_to(…)` and `clock.shift(…)` go elsewhere."""
    with time_machine.travel(TODAY, tick=True) as traveller:
        yield traveller


@pytest.fixture(scope="session")
def city() -> City:
    """The example city, as every fresh database has it."""
    return read_city(TWENTE)


@pytest.fixture(scope="session")
def sqlite_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the example city: to be copied, not changed."""
    return sqlite_template(tmp_path_factory.mktemp("template") / "city.db")


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """The PostgreSQL server, or a skip."""
    server = Postgres()
    if reason := server.reachable():
        unavailable(reason)
    return server


@pytest.fixture(scope="session")
def postgres_city(postgres: Postgres) -> Iterator[str]:
    """The name of a PostgreSQL database with the example city: to be copied, not changed."""
    import asyncio

    with postgres.database() as name:
        asyncio.run(fill(postgres.url(name)))
        yield name


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a fresh database with the example city, which the settings point at too."""
    if request.param == "sqlite":
        url = sqlite_copy(request.getfixturevalue("sqlite_city"), tmp_path / "city.db")
        yield from _pointed_at(url, monkeypatch)
    else:
        template = request.getfixturevalue("postgres_city")
        server: Postgres = request.getfixturevalue("postgres")
        with server.database(template) as name:
            yield from _pointed_at(server.url(name), monkeypatch)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
        return
    server = request.getfixturevalue("postgres")
    with server.database() as name:
        yield server.url(name)


def _pointed_at(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("STADSVRAAG_DATABASE_URL", url)
    settings.cache_clear()
    yield url
    settings.cache_clear()


@pytest.fixture
async def engine(database: str) -> AsyncIterator[AsyncEngine]:
    """The engine of a fresh database with the example city: once on SQLite, once on PostgreSQL."""
    engine = open_engine(database)
    yield engine
    await engine.dispose()


@pytest.fixture
async def cast(engine: AsyncEngine) -> Cast:
    """The people of the example city by their first names: `cast.amira`."""
    return await Cast.of(engine)


@pytest.fixture
def tell(cast: Cast) -> Story:
    """Brings questions to any state by real steps: `await tell.accepted(session)`."""
    return Story(cast)


@pytest.fixture
async def app(database: str) -> "AsyncIterator[FastAPI]":
    """The web application at work on this test's database."""
    from intake.app import create_app

    app = create_app()
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def visitor(app: "FastAPI") -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which nobody is signed in; it follows no redirects by itself."""
    async with _client(app) as client:
        yield client


@pytest.fixture
async def browser_as(app: "FastAPI", engine: AsyncEngine) -> AsyncIterator[SignIn]:
    """`await browser_as(cast.amira)`: a browser in which she is signed in, by session cookie."""
    from intake.access import COOKIE

    async def open_browser(person: Somebody) -> httpx2.AsyncClient:
        secret = secrets.token_urlsafe(32)
        lasts = now() + timedelta(days=settings().session_days)
        async with writing(engine) as session:
            session.add(Session(digest=_digest(secret), person_id=person.id, expires_at=lasts))
        opened.append(_client(app, cookies={COOKIE: secret}))
        return opened[-1]

    opened: list[httpx2.AsyncClient] = []
    yield open_browser
    for one in opened:
        await one.aclose()


@pytest.fixture
async def program_as(app: "FastAPI", engine: AsyncEngine) -> AsyncIterator[SignIn]:
    """`await program_as(cast.amira)`: a program that acts as her, by bearer token."""

    async def open_program(person: Somebody) -> httpx2.AsyncClient:
        secret = secrets.token_urlsafe(32)
        async with writing(engine) as session:
            session.add(ApiToken(digest=_digest(secret), person_id=person.id))
        opened.append(_client(app, headers={"Authorization": f"Bearer {secret}"}))
        return opened[-1]

    opened: list[httpx2.AsyncClient] = []
    yield open_program
    for one in opened:
        await one.aclose()


def _client(app: "FastAPI", **more: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=settings().base_url, **more)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

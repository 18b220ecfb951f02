"""Mail server, Prefect server and runners for the tests of the flows, on the databases of all tests."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.settings import settings
from tests.flows import a_letter_sent
from tests.flows.crew import Crew
from tests.flows.place import Mailbox, PrefectServer, environment

bag, question, letter = a_letter_sent.bag, a_letter_sent.question, a_letter_sent.letter
FIGURES: list[str] = []


@pytest.fixture
def figure() -> Callable[[str], None]:
    """Keeps a line for the summary: what was counted or measured."""
    return FIGURES.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("figures of the flows")
        terminalreporter.write("\n".join(FIGURES) + "\n")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox().start()
    yield box
    box.stop()


@dataclass
class House:
    """Everything a test of the flows works with; its settings are those of this process too."""

    engine: AsyncEngine
    env: dict[str, str]
    home: Path


@pytest.fixture
async def house(
    database: str, engine: AsyncEngine, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    env = environment(database, mailbox.url, "http://127.0.0.1:9/api", tmp_path)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    yield House(engine, env, tmp_path)
    settings.cache_clear()


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    server = PrefectServer(tmp_path_factory.mktemp("prefect"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def crew(house: House, prefect_server: PrefectServer) -> Iterator[Crew]:
    """Runners in processes of their own."""
    hired = Crew(house.env | {"STADSVRAAG_PREFECT_API_URL": prefect_server.url}, house.home)
    yield hired
    hired.dismiss()

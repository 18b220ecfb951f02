"""Figures that the hunts leave in the summary."""

from collections.abc import Callable, Iterator

import pytest

from tests.flows.place import Mailbox

FIGURES: list[str] = []


@pytest.fixture
def figure() -> Callable[[str], None]:
    """Keeps a line for the summary: what was counted or measured."""
    return FIGURES.append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if FIGURES:
        terminalreporter.section("figures of the faults")
        terminalreporter.write("\n".join(FIGURES) + "\n")
        FIGURES.clear()  # the simulations have this hook too


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox().start()
    yield box
    box.stop()

"""Counts of what was tried, told at the end of the run."""

from typing import Any

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    from tests.notifications import test_postbox

    if test_postbox.counted:
        told = ", ".join(f"{count} {state}" for state, count in sorted(test_postbox.counted.items()))
        terminalreporter.write_line(f"postbox: {sum(test_postbox.counted.values())} faults told as they were: {told}")
    from tests.notifications import test_checking

    if any(test_checking.counted.values()):
        told = ", ".join(f"{count} {what}" for what, count in test_checking.counted.items())
        terminalreporter.write_line(f"texts of a city: {told}")

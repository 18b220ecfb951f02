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

"""The figures of the simulations stand with those of the other faults."""

from tests.faults.conftest import figure, pytest_terminal_summary  # noqa: F401

"""The present moment, in one place so that tests can move it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)

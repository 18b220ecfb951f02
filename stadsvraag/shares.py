"""The ways that played questions can go, by name, and how often each does: endings.yaml."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import yaml

from stadsvraag.life import Life

SHARES = Path(__file__).with_name("endings.yaml")
Ending = Callable[[Life], Awaitable[Any]]
ENDINGS: dict[str, Ending] = {}


def ending(function: Ending) -> Ending:
    """Register one way to go, under its name."""
    ENDINGS[function.__name__] = function
    return function


def shares() -> dict[str, int]:
    """How many of a hundred lives go which way."""
    read = yaml.safe_load(SHARES.read_text(encoding="utf-8"))["shares"]
    return {name: row["share"] for name, row in read.items()}

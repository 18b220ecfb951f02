"""Lets one question of the play live the life that the dice choose."""

from collections.abc import Mapping
from random import Random
from typing import Any

from stadsvraag import setbacks as _setbacks  # noqa: F401 - registers its ways to go
from stadsvraag import successes as _successes  # noqa: F401
from stadsvraag.life import Life
from stadsvraag.play import Stage
from stadsvraag.shares import ENDINGS, shares


async def live(stage: Stage, topics: Mapping[str, Any], dice: Random, key: str) -> tuple[str, str]:
    """One question from the form to its end: which way it went, and the state it ended in."""
    found = shares()
    name = dice.choices([*found], [*found.values()])[0]
    life = Life(stage, topics, dice, key)
    await life.asks()
    await ENDINGS[name](life)
    return name, await life.state()

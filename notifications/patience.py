"""How long a letter that could not be sent waits for its next try, and when we stop trying."""

from datetime import timedelta
from random import SystemRandom

FIRST, LONGEST = timedelta(seconds=80), timedelta(hours=4)  # the first never within the minute that a pace counts
MOST_ATTEMPTS, LONGEST_OWED = 12, timedelta(days=3)
_random = SystemRandom()


def back_off(attempts: int) -> timedelta:
    """The wait after this many attempts: some eighty seconds, doubling to four hours, a fifth shorter or as it is."""
    wait = min(FIRST * (1 << min(max(attempts, 1) - 1, 16)), LONGEST)
    return wait * _random.uniform(0.8, 1.0)


def gives_up(attempts: int, owed_for: timedelta) -> bool:
    """Whether to stop. Both must be past: twelve attempts alone would lose the mail of one weekend without a server."""
    return attempts >= MOST_ATTEMPTS and owed_for >= LONGEST_OWED

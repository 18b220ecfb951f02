"""Letters in hand: written, posted, and what is to be stamped about them."""

from collections.abc import Sequence
from email.message import EmailMessage
from typing import NamedTuple

from notifications.letters import Rendered
from notifications.postbox import Outcome
from schemas.ledger import Letter


class Ready(NamedTuple):
    """A letter, written and in its envelope."""

    letter: Letter
    rendered: Rendered
    message: EmailMessage


class Posted(NamedTuple):
    """A letter, and what became of it."""

    letter: Letter
    outcome: Outcome


class Stamp(NamedTuple):
    """What became of the last, that the following one is being handed over, and what was taken but never tried."""

    posted: Sequence[Posted] = ()
    following: Ready | None = None
    unsent: Sequence[Letter] = ()

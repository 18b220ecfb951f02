"""Whether each letter that became uncertain had a reason: it was in hand on a connection or in a process that broke."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.ledger import Letter, LetterState
from schemas.letter_events import LetterEvent
from tests.faults.sink import Sink

STAMPING = timedelta(seconds=10)  # that a runner tries to write a stamp, and more


@dataclass
class Doubts:
    """By reason, the Message-IDs of the letters that are uncertain, or were and have been tried again since.

    `on_a_line`: on a connection that broke, by Message-ID. `text_awaited`: the server had asked for a text on a
    connection that broke, for this recipient, and none had come. `not_begun`: stamped by a runner that was killed, and
    the server had heard nothing of it. `unfounded`: none of these.
    """

    on_a_line: set[str] = field(default_factory=set)
    text_awaited: set[str] = field(default_factory=set)
    not_begun: set[str] = field(default_factory=set)
    unfounded: set[str] = field(default_factory=set)

    @property
    def every(self) -> set[str]:
        return self.on_a_line | self.text_awaited | self.not_begun | self.unfounded


async def doubts(session: AsyncSession, sink: Sink, killed: Collection[int], stops: Collection[datetime]) -> Doubts:
    """`killed`: the process ids of the runners that were; `stops`: when the database was stopped in the middle."""
    retried = select(LetterEvent.letter_id).where(LetterEvent.what == "retried")
    doubted = or_(col(Letter.state) == LetterState.UNCERTAIN, col(Letter.id).in_(retried))
    lost = set(await session.exec(select(LetterEvent.letter_id).where(LetterEvent.what == "lost")))
    found, left = Doubts(), Counter(sink.recipients)
    for letter in await session.exec(select(Letter).where(doubted)):
        heard = sink.taken[letter.message_id] - (letter.state == LetterState.SENT)  # before it was tried again
        if letter.message_id in sink.texts:
            found.on_a_line.add(letter.message_id)
        elif letter.id in lost and not heard and _broken_off(letter, killed, stops):
            found.not_begun.add(letter.message_id)
        elif left[letter.email] > 0:
            left[letter.email] -= 1
            found.text_awaited.add(letter.message_id)
        else:
            found.unfounded.add(letter.message_id)
    return found


def _broken_off(letter: Letter, killed: Collection[int], stops: Collection[datetime]) -> bool:
    """Whether whoever stamped it was killed, or may not have heard that the stamp was written."""
    if letter.retried_at or holder(letter.lease) in killed:
        return True
    at = letter.handed_at
    return at is not None and any(at <= one <= at + STAMPING for one in stops)


def holder(lease: str | None) -> int:
    """The process id in a token."""
    return int((lease or "//").split("/")[1] or 0)

"""A maildir that mail comes into: something is dropped, a run takes it, what follows is read."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel, col, select, update

from flows.receive import empty
from flows.work import Hands, Work
from notifications.inbox import FOLDERS, Maildir
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.letter_events import LetterEvent
from schemas.moment import now
from schemas.received import Received
from tests.notifications.arrived import arrived

Row = TypeVar("Row", bound=SQLModel)
NUMBERS = count(1)


@dataclass
class Postbag:
    """The box of one test, with the database that what comes in is kept in."""

    path: Path
    engine: AsyncEngine

    @property
    def box(self) -> Maildir:
        return Maildir(self.path)

    def furnish(self) -> "Postbag":
        for name in FOLDERS:
            (self.path / name).mkdir(parents=True)
        return self

    def put(self, raw: bytes) -> str:
        """One more message, as a mail server delivers it."""
        name = f"{1764000000 + next(NUMBERS)}.M1P1.stad"
        (self.path / "tmp" / name).write_bytes(raw)
        (self.path / "tmp" / name).rename(self.path / "new" / name)
        return name

    def answer(self, name: str, letter: Letter, change: Callable[[bytes], bytes] = lambda raw: raw, **more: str) -> str:
        """One of the corpus, as an answer to a letter."""
        return self.put(change(arrived(name, letter.message_id, **({"to": letter.email} | more))))

    async def take(self) -> Work:
        """What a run does."""
        work = Work("receive", Hands(self.engine))
        await empty.fn(work, self.box)
        return work

    def left(self) -> int:
        return len(list((self.path / "new").iterdir()))

    def apart(self) -> list[str]:
        return sorted(one.name for one in (self.path / "cur").iterdir())

    async def received(self) -> list[Received]:
        return await self.rows(Received)

    async def told(self) -> list[Letter]:
        """The letters that say that an answer came in."""
        return [one for one in await self.rows(Letter) if one.name == "reply-received"]

    async def lines(self, letter: Letter) -> list[tuple[str, str]]:
        rows = [one for one in await self.rows(LetterEvent) if one.letter_id == letter.id]
        return [(one.what, one.state) for one in rows]

    async def rows(self, table: type[Row]) -> list[Row]:
        async with reading(self.engine) as session:
            key: Any = table
            return list(await session.exec(select(table).order_by(col(key.id))))

    async def letter(self, letter_id: int) -> Letter:
        async with reading(self.engine) as session:
            return await session.get_one(Letter, letter_id)

    async def change(self, letter: Letter, **values: Any) -> None:
        async with writing(self.engine) as session:
            await session.exec(update(Letter).where(col(Letter.id) == letter.id).values(**values))


async def sent_letter(engine: AsyncEngine, question_id: int, person_id: int) -> Letter:
    """The first letter about a question to somebody, as it is once it was sent."""
    async with writing(engine) as session:
        query = select(Letter).where(Letter.question_id == question_id, Letter.recipient_id == person_id)
        letter = (await session.exec(query.order_by(col(Letter.id)))).first()
        assert letter
        letter.state, letter.sent_at, letter.handed_at = "sent", now(), now()
        session.add(letter)
    return letter

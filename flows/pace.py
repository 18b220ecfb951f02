"""How fast letters may leave, in total and to one domain: counted in the database, so that all runners share it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import ColumnElement, func, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.ledger import Letter
from schemas.moment import now
from schemas.settings import settings

WINDOW = timedelta(minutes=1)
UNLIMITED = 2**31 - 1
PACE_LOCK = 0x5354_4144  # of all runners on one PostgreSQL


@dataclass
class Room:
    """How many letters may still leave in this minute."""

    total: int = UNLIMITED
    per_domain: int = UNLIMITED
    gone: Counter[str] = field(default_factory=Counter)
    open: tuple[ColumnElement[bool], ...] = ()  # what the letters must fulfil: not to a domain that is full

    def take(self, letter: Letter) -> bool:
        """Whether there is room for this letter; then it is counted."""
        domain = domain_of(letter.email)
        if self.gone[domain] >= self.per_domain:
            return False
        self.gone[domain] += 1
        return True


def domain_of(email: str) -> str:
    """What stands behind the @, in small letters."""
    return email.rpartition("@")[2].lower()


def is_set() -> bool:
    """Whether letters may have to wait for a later minute."""
    return bool(settings().mail_per_minute or settings().mail_per_minute_per_domain)


async def room(session: AsyncSession, due: ColumnElement[bool], which: ColumnElement[bool]) -> Room:
    """The room there is now. What finds none waits until a whole minute has passed since the last."""
    total, per_domain = settings().mail_per_minute, settings().mail_per_minute_per_domain
    if not is_set():
        return Room()
    if session.get_bind().dialect.name == "postgresql":  # on SQLite there is one writer anyway
        await session.exec(text("SELECT pg_advisory_xact_lock(:n)").bindparams(n=PACE_LOCK))  # type: ignore[call-overload]
    gone, last = Counter[str](), now() - WINDOW
    recent = select(Letter.email, func.count(), func.max(Letter.tried_at)).where(col(Letter.tried_at) > now() - WINDOW)
    for email, count, at in await session.exec(recent.group_by(col(Letter.email))):
        gone[domain_of(email)] += count
        last = max(last, at or last)
    left = max(0, total - gone.total()) if total else UNLIMITED
    full = [domain for domain, count in gone.items() if per_domain and count >= per_domain]
    closed = [col(Letter.email).endswith(f"@{domain}", autoescape=True) for domain in full]
    for one in closed if left else [which]:
        later = update(Letter).where(due, which, one).values(due_at=last + WINDOW)
        await session.exec(later.execution_options(synchronize_session=False))
    return Room(left, per_domain or UNLIMITED, gone, tuple(~one for one in closed))

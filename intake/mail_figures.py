"""How the mail is doing: letters by state, the oldest that waits, how many arrive, and to which domains they do not."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.mail_care import DEFERRED
from intake.mail_list import PUT_OFF
from intake.tally import Kept
from schemas.figures import letters_by_state, oldest_owed
from schemas.ledger import Letter, LetterState
from schemas.moment import now

DAY, WEEK = timedelta(days=1), timedelta(days=7)
GOOD = {LetterState.SENT}
BAD = {LetterState.REFUSED, LetterState.UNCERTAIN, LetterState.BOUNCED, DEFERRED}
SHOWN: tuple[str, ...] = (
    "refused", "bounced", "uncertain", DEFERRED, "owed", "sending", "sent", "kept", "gathered", "withheld",
)  # fmt: skip


@dataclass(frozen=True)
class Share:
    """Of the letters that were tried, those that the other side took."""

    sent: int
    tried: int

    @property
    def percent(self) -> float | None:
        return 100 * self.sent / self.tried if self.tried else None


@dataclass(frozen=True)
class Figures:
    """What the page and the API tell."""

    at: datetime  # when this was so
    counts: dict[str, int]
    oldest_owed: datetime | None
    last_day: Share
    last_week: Share
    domains: list[tuple[str, Share]]  # of the last week, those with the most trouble first


def kept() -> Kept[Figures]:
    """The figures as one process keeps them. Who has just mended a letter wants to see so, if that can be."""
    return Kept(figures, times=5)


async def figures(session: AsyncSession) -> Figures:
    """The whole picture."""
    at = now()
    counts = dict.fromkeys(SHOWN, 0) | await letters_by_state(session)
    counts[DEFERRED] = (await session.exec(select(func.count()).select_from(Letter).where(PUT_OFF))).one()
    counts["owed"] -= counts[DEFERRED]
    day, week = await _recent(session, at - DAY), await _recent(session, at - WEEK)
    domains = Counter(domain for domain, _ in week)
    by_domain = [(one, _share({key: n for key, n in week.items() if key[0] == one})) for one in domains]
    by_domain.sort(key=lambda row: (row[1].sent - row[1].tried, row[1].percent or 0, row[0]))
    return Figures(at, counts, await oldest_owed(session, at), _share(day), _share(week), by_domain)


def _share(rows: dict[tuple[str, str], int]) -> Share:
    sent = sum(count for (_, state), count in rows.items() if state in GOOD)
    return Share(sent, sent + sum(count for (_, state), count in rows.items() if state in BAD))


async def _recent(session: AsyncSession, since: datetime) -> dict[tuple[str, str], int]:
    """Letters that came to be owed since then, by domain and state. One row per address comes out of the database."""
    put_off = col(Letter.reply).is_not(None)
    query = select(Letter.email, Letter.state, put_off, func.count()).where(col(Letter.owed_at) > since)
    found: Counter[tuple[str, str]] = Counter()
    for email, state, waited, count in await session.exec(
        query.group_by(col(Letter.email), col(Letter.state), put_off)
    ):
        shown = DEFERRED if waited and state == LetterState.OWED else state
        found[email.rpartition("@")[2].lower(), shown] += count
    return found

"""How full each institution is: offers that wait for its answer, of how many it takes, and what it has in hand."""

from dataclasses import dataclass

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.choices import institutions
from schemas.subjects import Trajectory
from schemas.supply import OfferLimit

IN_HAND = ("placing", "agreeing", "scheduled", "running", "delivered")


@dataclass(frozen=True)
class House:
    """`most`: how many open offers it takes, None for as many as come; `running`: trajectories it works on."""

    id: str
    name: str
    open: int
    most: int | None
    running: int

    @property
    def full(self) -> bool:
        return self.most is not None and self.open >= self.most


async def houses_of(session: AsyncSession, language: str) -> list[House]:
    """Every institution, by name."""
    limits = {row.institution_id: row.most for row in await session.exec(select(OfferLimit))}
    found = []
    for key, name in await institutions(session, language):
        query = select(Trajectory.state, func.count()).where(
            Trajectory.institution_id == key, col(Trajectory.state).in_(("offered", *IN_HAND))
        )
        counts = dict((await session.exec(query.group_by(col(Trajectory.state)))).all())
        open_offers = counts.pop("offered", 0)
        found.append(House(key, name, open_offers, limits.get(key), sum(counts.values())))
    return found

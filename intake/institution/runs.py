"""The editions of an institution, each with its offering and its period, as fields too."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.institution.house import offerings_of
from matching.rows import known_terms, offering_text, term
from matching.terms import Edition, editions, usual
from schemas.parties import Offering, Period
from schemas.supply_form import Flat


@dataclass(frozen=True)
class Run:
    """One edition with what it is an edition of."""

    offering: Offering
    period: Period
    edition: Edition

    @property
    def key(self) -> str:
        return f"{self.offering.id} {self.period.id}"


async def runs_of(
    session: AsyncSession, house: str, year: str = "", offering: Offering | None = None, after: date = date.min
) -> list[Run]:
    """The editions of what an institution offers: in one academic year, or of one offering; earliest first."""
    rows = [offering] if offering else [one for one in await offerings_of(session, house) if one.offered]
    periods = {one.id: one for one in await session.exec(select(Period).where(Period.institution_id == house))}
    terms = [one for one in await known_terms(session, after, house) if year in ("", periods[one.id].year)]
    found = [Run(row, periods[one.term], one) for row in rows for one in editions(offering_text(row), terms)]
    return sorted(found, key=lambda run: (run.edition.starts_on, run.period.ends_on, run.offering.name_nl))


def facts_of(edition: Edition) -> Flat:
    """An edition as the fields of its form."""
    days = {name: getattr(edition, name).isoformat() for name in ("starts_on", "ends_on", "hand_in_by")}
    return (
        days | ({} if edition.seats is None else {"seats": edition.seats}) | {"open": "yes" if edition.open else "no"}
    )


def usual_facts(offering: Offering, period: Period) -> Flat:
    """How an edition is by itself, by the calendar and its offering."""
    return facts_of(usual(offering_text(offering), term(period)))

"""The lists that a form lets one choose from, as the database has them now."""

from datetime import date

from babel.dates import format_date
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.fields import Options
from schemas.case import Case
from schemas.facts import named
from schemas.meetings import Meeting
from schemas.needs import NEEDS
from schemas.parties import Cooperation, Offering, Organisation, Period
from schemas.rules import Step
from schemas.subjects import Trajectory
from schemas.words import word

INSTITUTIONS = ("wo", "hbo", "mbo", "art")


async def form_options(session: AsyncSession, cooperation: Cooperation, language: str) -> Options:
    """The lists of the question form."""
    challenges = [(one["id"], str(one.get(language) or one["nl"])) for one in cooperation.data.get("challenges", [])]
    return {
        "cities": await _organisations(session, ("municipality",), language),
        "challenges": [*challenges, ("unknown", word(language, "extra.challenge.unknown"))],
    }


async def departments(session: AsyncSession) -> list[str]:
    """The departments of the municipalities, as suggestions: one may type another."""
    rows = await session.exec(select(Organisation).where(Organisation.kind == "municipality"))
    return sorted({str(name) for row in rows for name in row.data.get("departments", [])})


async def step_options(case: Case, step: Step, language: str) -> Options:
    """The lists that this step's needs name, and no others."""
    sources = {NEEDS[name].source for name in step.need_names}
    options: dict[str, list[tuple[str, str]]] = {}
    if "institutions" in sources:
        options["institutions"] = await _organisations(case.session, INSTITUTIONS, language)
    if "targets" in sources:
        options["targets"] = await _organisations(case.session, ("partner",), language)
    if "meetings" in sources:
        options["meetings"] = await _meetings(case, language)
    attempt = case.subject if isinstance(case.subject, Trajectory) else None
    if "offerings" in sources:
        options["offerings"] = await _offerings(case.session, attempt, language)
    if "terms" in sources and attempt:
        options["terms"] = await _terms(case.session, attempt.institution_id, case.today, language)
    return options


async def _meetings(case: Case, language: str) -> list[tuple[str, str]]:
    query = select(Meeting).where(col(Meeting.closed_at).is_(None), col(Meeting.cancelled_at).is_(None))
    rows = await case.session.exec(query.order_by(col(Meeting.begins_at)))
    return [(str(row.id), _day(case.calendar.local(row.begins_at), language)) for row in rows]


async def _organisations(session: AsyncSession, kinds: tuple[str, ...], language: str) -> list[tuple[str, str]]:
    rows = await session.exec(select(Organisation).where(col(Organisation.kind).in_(kinds)))
    return sorted(((row.id, named(row, language)) for row in rows), key=lambda pair: pair[1])


async def _offerings(session: AsyncSession, attempt: Trajectory | None, language: str) -> list[tuple[str, str]]:
    query = select(Offering).where(col(Offering.offered).is_(True)).order_by(Offering.name_nl)
    if attempt:
        query = query.where(Offering.institution_id == attempt.institution_id)
    rows = (await session.exec(query)).all()
    houses = {} if attempt else dict(await _organisations(session, INSTITUTIONS, language))
    return [(row.id, named(row, language) + (f" ({houses[row.institution_id]})" if houses else "")) for row in rows]


async def _terms(session: AsyncSession, institution: str, today: date, language: str) -> list[tuple[str, str]]:
    rows = await session.exec(
        select(Period)
        .where(Period.institution_id == institution, Period.ends_on > today)
        .order_by(col(Period.starts_on))
    )
    return [
        (row.id, f"{row.code} {row.year} ({_day(row.starts_on, language)} – {_day(row.ends_on, language)})")
        for row in rows
    ]


def _day(value: date, language: str) -> str:
    return format_date(value, "d MMM y", locale=language)

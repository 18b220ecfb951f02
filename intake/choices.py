"""The lists that a form lets one choose from, as the database has them now."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.fields import Options
from intake.language import short_day, speaking
from intake.language import translate as _
from matching.rows import known_terms, offering_text
from matching.terms import Edition, editions
from schemas.case import Case
from schemas.facts import named
from schemas.meetings import Meeting
from schemas.needs import NEEDS
from schemas.parties import Cooperation, Offering, Organisation, Period
from schemas.rules import Step
from schemas.subjects import Question, Trajectory
from schemas.words import word

INSTITUTIONS = ("wo", "hbo", "mbo", "art")


async def form_options(session: AsyncSession, cooperation: Cooperation, language: str) -> Options:
    """The lists of the question form."""
    challenges = [(one["id"], str(one.get(language) or one["nl"])) for one in cooperation.data.get("challenges", [])]
    return {
        "cities": await _organisations(session, ("municipality",), language),
        "challenges": [*challenges, ("unknown", word(language, "extra.challenge.unknown"))],
    }


async def institutions(session: AsyncSession, language: str) -> list[tuple[str, str]]:
    """The knowledge institutions by name."""
    return await _organisations(session, INSTITUTIONS, language)


async def departments(session: AsyncSession) -> list[str]:
    """The departments of the municipalities, as suggestions: one may type another."""
    rows = await session.exec(select(Organisation).where(Organisation.kind == "municipality"))
    return sorted({str(name) for row in rows for name in row.data.get("departments", [])})


async def step_options(case: Case, step: Step, language: str, typed: Mapping[str, Any] | None = None) -> Options:
    """The lists that this step's needs name, and no others; of terms what they are for the offering that was chosen."""
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
    if "trajectories" in sources:
        options["trajectories"] = await _results(case, language)
    if "terms" in sources and attempt:
        chosen = str((typed or {}).get("offering") or attempt.offering_id or "").replace("\x00", "")
        offering = await case.session.get(Offering, chosen)
        options["terms"] = await _terms(case.session, attempt.institution_id, case.today, language, offering)
    return options


async def _meetings(case: Case, language: str) -> list[tuple[str, str]]:
    query = select(Meeting).where(col(Meeting.closed_at).is_(None), col(Meeting.cancelled_at).is_(None))
    rows = await case.session.exec(query.order_by(col(Meeting.begins_at)))
    return [(str(row.id), short_day(case.calendar.local(row.begins_at), language)) for row in rows]


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


async def _results(case: Case, language: str) -> list[tuple[str, str]]:
    """The results that a new trajectory can go on with: of this question and its family, then public ones."""
    question = case.question
    family = {question.id, *(one.id for one in case.parts), question.part_of_id, question.merged_into_id}
    wanted = col(Trajectory.question_id).in_([one for one in family if one]) | col(Trajectory.published_on).is_not(None)
    query = select(Trajectory, Organisation, Question.title).join(Question, col(Question.id) == Trajectory.question_id)
    query = query.join(Organisation, col(Organisation.id) == Trajectory.institution_id)
    states = ("delivered", "completed", "not_usable")
    query = query.where(wanted, col(Trajectory.state).in_(states)).order_by(
        col(Trajectory.question_id) != question.id, col(Trajectory.id).desc()
    )
    rows = await case.session.exec(query.limit(50))
    return [(one.ref, f"{one.ref}: {title} ({named(house, language)})") for one, house, title in rows]


async def _terms(
    session: AsyncSession, institution: str, today: date, language: str, offering: Offering | None
) -> list[tuple[str, str]]:
    """The terms still to end; those in which the offering runs first, with hand-in day and seats."""
    query = select(Period).where(Period.institution_id == institution, Period.ends_on > today)
    periods = list(await session.exec(query.order_by(col(Period.starts_on), Period.id)))
    terms = await known_terms(session, today, institution) if offering else []
    runs = {one.term: one for one in editions(offering_text(offering), terms)} if offering else {}
    periods.sort(key=lambda row: row.id not in runs)
    return [(row.id, f"{row.code} {row.year} ({_when(row, runs.get(row.id), language)})") for row in periods]


def _when(row: Period, run: Edition | None, language: str) -> str:
    days = f"{short_day((run or row).starts_on, language)} – {short_day(run.ends_on if run else row.ends_on, language)}"
    if run is None:
        return days
    with speaking(language):
        by = _("hand in by %(day)s") % {"day": short_day(run.hand_in_by, language)}
        if not run.open:
            seats = _("closed")
        elif run.seats is None:
            seats = ""
        else:
            left = {"left": run.left, "seats": run.seats}
            seats = (
                _("full: %(left)s of %(seats)s left") % left
                if run.left == 0
                else _("%(left)s of %(seats)s left") % left
            )
    return ", ".join(part for part in (days, by, seats) if part)

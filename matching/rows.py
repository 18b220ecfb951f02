"""From rows of the tables to what matching looks at."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.offerings import QuestionText
from matching.terms import OfferingText, Said, Term
from schemas.kept import kept
from schemas.ledger import Entry
from schemas.parties import Offering, Period
from schemas.places import courses, periods
from schemas.subjects import Question
from schemas.supply import confirmed, seats_taken


def question_text(question: Question) -> QuestionText:
    """A question, as far as its form has been filled in."""
    form = question.form
    return QuestionText(
        title=question.title or str(form.get("title") or ""),
        situation=str(form.get("situation") or ""),
        wanted=str(form.get("wanted") or ""),
        use=str(form.get("use") or ""),
        language=question.language,
        route=question.route or "",
        product=str(form.get("product") or ""),
        effort=str(form.get("time_available") or ""),
    )


def offering_text(offering: Offering) -> OfferingText:
    """An offering as the city's catalogue describes it."""
    data = offering.data
    keywords = data.get("keywords", {})
    return OfferingText(
        id=offering.id,
        institution=offering.institution_id,
        kind=offering.kind,
        names=tuple(dict.fromkeys((offering.name_nl, offering.name_en))),
        keywords=tuple(word for language in sorted(keywords) for word in keywords[language]),
        disciplines=tuple(data.get("disciplines", ())),
        languages=tuple(data.get("languages", ())),
        form=str(data.get("form", "")),
        periods=tuple(data.get("periods", ())),
        weeks=int((data.get("weeks") or (0,))[0]),
        hand_in_weeks=int(data.get("hand_in_weeks", 10)),
        joint_with=tuple(data.get("joint_with", ())),
        unit=str(data.get("unit") or f"{offering.institution_id}/"),
        level=offering.level,
        seats=data.get("seats"),
        since=_day(data.get("since")),
        until=_day(data.get("until")),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def term(period: Period, said: Iterable[Said] = ()) -> Term:
    """A period of an institution's calendar, with what was said about editions in it."""
    return Term(period.id, period.institution_id, period.code, period.starts_on, period.ends_on, tuple(said))


async def offered(session: AsyncSession) -> Sequence[OfferingText]:
    """What is offered now, in a stable order."""

    async def look() -> Sequence[OfferingText]:
        return tuple(offering_text(one) for one in (await courses(session)).values() if one.offered)

    return await kept(session, "offered", look)


async def known_terms(session: AsyncSession, after: date, institution: str = "") -> list[Term]:
    """The periods that end after a day, of all institutions or of one, with what is known of the editions in them."""
    here = [one for one in (await periods(session)).values()
            if one.ends_on > after and institution in ("", one.institution_id)]  # fmt: skip
    here.sort(key=lambda one: (one.starts_on, one.id))
    rows = await confirmed(session)
    taken = await seats_taken(session, [one.id for one in here])
    said: dict[str, list[Said]] = {}
    for offering, of in {key for key in rows if key[1] in {one.id for one in here}} | taken.keys():
        row, count = rows.get((offering, of)), taken.get((offering, of), 0)
        said.setdefault(of, []).append(
            Said(offering, row.starts_on, row.ends_on, row.hand_in_by, row.seats, count, row.open, True)
            if row else Said(offering, taken=count)
        )  # fmt: skip
    return [term(one, said.get(one.id, ())) for one in here]


async def preferred(session: AsyncSession, question: Question) -> dict[str, str]:
    """The offering that a coordinator chose for this question against the ranking, with the reason."""
    if not question.id:
        return {}
    query = select(Entry).where(Entry.question_id == question.id, Entry.step == "prefer")
    last = (await session.exec(query.order_by(col(Entry.id).desc()).limit(1))).first()
    return {last.needs["offering"]: last.needs["reason"]} if last else {}


def needed_by(form: dict[str, Any]) -> date | None:
    """The day by which an answer is of use, if one was given that is a day."""
    try:
        return date.fromisoformat(str(form.get("needed_by") or ""))
    except ValueError:
        return None

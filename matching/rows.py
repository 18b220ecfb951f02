"""From rows of the tables to what matching looks at."""

from datetime import date

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from matching.offerings import QuestionText
from matching.terms import OfferingText, Term
from schemas.parties import Offering, Period
from schemas.subjects import Question


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
    )


def term(period: Period) -> Term:
    """A period of an institution's calendar."""
    return Term(period.id, period.institution_id, period.code, period.starts_on, period.ends_on)


async def known_terms(session: AsyncSession, after: date) -> list[Term]:
    """The periods that end after a day."""
    rows = await session.exec(select(Period).where(col(Period.ends_on) > after).order_by(Period.id))
    return [term(row) for row in rows]

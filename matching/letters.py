"""What letters say about the terms that a question can still reach: registered with the facts of letters."""

from datetime import date
from typing import Any

from sqlmodel import col, select

from matching.offerings import Match, rank
from matching.rows import known_terms, offering_text, question_text
from matching.terms import Edition
from schemas.case import Case
from schemas.facts import facts_for, named
from schemas.parties import Offering, Organisation

LOOK_AT = 5  # the best fitting offerings; those that do not fit say nothing about this question


@facts_for("receipt", "accepted")
async def reach_fact(case: Case, language: str) -> dict[str, Any]:
    """The first two days by which a question can be handed in somewhere that fits, with the term each leads to."""
    needed = case.question.form.get("needed_by")
    offerings = (await case.session.exec(select(Offering).where(col(Offering.offered).is_(True)))).all()
    terms = await known_terms(case.session, case.today)
    found = rank(
        question_text(case.question), [offering_text(one) for one in offerings], case.today,
        date.fromisoformat(needed) if needed else None, terms, LOOK_AT,
    )  # fmt: skip
    codes = {one.id: one.code for one in terms}
    names = {one.id: named(one, language) for one in await case.session.exec(select(Organisation))}
    return {"reach": _days(found, codes, names) or None}


def _days(found: list[Match], codes: dict[str, str], names: dict[str, str]) -> list[dict[str, str]]:
    ways: dict[tuple[date, str], tuple[Edition, str]] = {}
    for one in found:
        for edition in (one.reach.edition, one.reach.then) if one.reachable else ():
            if edition:
                ways.setdefault((edition.hand_in_by, edition.term), (edition, names[one.institution]))
    return [
        {"by": edition.hand_in_by.isoformat(), "term": codes.get(edition.term, ""), "institution": house,
         "starts_on": edition.starts_on.isoformat(), "result_by": edition.ends_on.isoformat()}
        for _, (edition, house) in sorted(ways.items())[:2]
    ]  # fmt: skip

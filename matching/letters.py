"""What letters say about the terms that a question can still reach: registered with the facts of letters."""

from datetime import date
from typing import Any

from matching.offerings import Known, Match, rank
from matching.rows import known_terms, needed_by, offered, preferred, question_text
from matching.terms import Edition
from schemas.asking_around import goes_on, next_candidate, usual_answer
from schemas.case import Case
from schemas.facts import facts_for, named
from schemas.places import courses, houses

LOOK_AT = 5  # the best fitting offerings; those that do not fit say nothing about this question


@facts_for("receipt", "accepted")
async def reach_fact(case: Case, language: str) -> dict[str, Any]:
    """The first two days by which a question can be handed in somewhere that fits, with the term each leads to."""
    needed = case.question.form.get("needed_by")
    terms = await known_terms(case.session, case.today)
    found = rank(
        question_text(case.question), await offered(case.session), case.today,
        date.fromisoformat(needed) if needed else None, terms, LOOK_AT,
    )  # fmt: skip
    codes = {one.id: one.code for one in terms}
    names = {one.id: named(one, language) for one in (await houses(case.session)).values()}
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


@facts_for("declined", "lapsed")
async def next_fact(case: Case, language: str) -> dict[str, Any]:
    """Who can be asked after a no: whose turn it is in the coordinator's order, else the best that can be reached."""
    planned = await next_candidate(case)
    if planned:
        one, by = planned
        said: dict[str, Any] = {"planned": True, "by_itself": goes_on(case, one), "answer_by": None}
        said["answer_by"] = usual_answer(case, one.institution_id, by, one.answer_days).isoformat()
        return {"next": await _named_next(case, one.offering_id, by, language) | said}
    asked = {one.institution_id for one in case.trajectories}
    best = next((one for one in await _ranked(case) if one.reachable and one.institution not in asked), None)
    found = await _named_next(case, best.offering, best.hand_in_by, language) if best else None
    return {"next": found and found | {"planned": False, "by_itself": False, "answer_by": None}}


async def _named_next(case: Case, offering_id: str, by: date | None, language: str) -> dict[str, Any]:
    offering = (await courses(case.session))[offering_id]
    house = (await houses(case.session))[offering.institution_id]
    return {
        "institution": named(house, language), "offering": named(offering, language),
        "hand_in_by": by.isoformat() if by else None,
    }  # fmt: skip


async def _ranked(case: Case) -> list[Match]:
    """The offerings for the case's question, as far as its own text and the coordinator's choice say."""
    terms, texts = await known_terms(case.session, case.today), await offered(case.session)
    known = Known(preferred=await preferred(case.session, case.question))
    needed = needed_by(case.question.form)
    return rank(question_text(case.question), texts, case.today, needed, terms, 25, known)

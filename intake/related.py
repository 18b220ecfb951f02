"""What a question or trajectory belongs with: parts, the question it goes on in, the result it goes on with."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import union_all
from sqlmodel import col, select

from intake.sight import Reader, visible
from schemas.case import Case
from schemas.facts import given_in_words, named
from schemas.parties import Organisation
from schemas.subjects import Question, Trajectory, handed_on
from schemas.words import word


async def related(case: Case, reader: Reader, language: str) -> list[dict[str, Any]]:
    """The relatives of a question that this reader may see: what they are to it, and where they stand."""
    question = case.question
    family = [Question.id == one for one in (question.merged_into_id, question.part_of_id) if one]
    family += [
        Question.part_of_id == question.id,
        (Question.merged_into_id == question.id) & (Question.state == "merged"),
    ]
    if question.part_of_id:
        family.append(Question.part_of_id == question.part_of_id)
    # Each looked up by itself: SQLite reads all questions to find any of them at once.
    ids = union_all(*(select(Question.id).where(one) for one in family))
    query = select(Question).where(col(Question.id).in_(ids), Question.id != question.id, visible(reader))
    rows = await case.session.exec(query.order_by(col(Question.id)))
    lead = await case.session.get(Organisation, question.lead_id) if question.lead_id else None
    return [
        {"id": one.id, "ref": one.ref, "title": one.title, "what": what, "lead": named(lead, language) if lead else "",
         "state": word(language, f"states.{one.state}.label")}
        for one in rows for what in _what(question, one)
    ]  # fmt: skip


def _what(question: Question, other: Question) -> Iterator[str]:
    if other.id == question.merged_into_id and question.state == "merged":
        yield "goes_on_in"
    elif other.merged_into_id == question.id:
        yield "merged_here"
    elif other.id == question.part_of_id:
        yield "whole"
    elif other.part_of_id in (question.id, question.part_of_id or 0):
        yield "part"


async def earlier(case: Case, language: str) -> dict[str, Any] | None:
    """The result of the trajectory that this one goes on with, and where it was found."""
    attempt = case.subject if isinstance(case.subject, Trajectory) else None
    found = await case.session.get(Trajectory, attempt.relay_from_id) if attempt and attempt.relay_from_id else None
    if found is None:
        return None
    house = await case.session.get_one(Organisation, found.institution_id)
    rows = await given_in_words(case, handed_on(found), language)
    return {"ref": found.ref, "at": named(house, language), "result": list(rows.values())}

"""What helps before a question is asked: places within reach, earlier questions, what would make it better."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints

from intake.api.answers import refusals
from intake.api.door import ApiReader, Language
from intake.hints import hints_for
from intake.memory import memory_of
from schemas.database import reading
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.subjects import Question

router = APIRouter(tags=["questions"], responses=refusals(401, 400))
Text = Annotated[str, StringConstraints(max_length=3000)]


class Writing(BaseModel):
    """A question as far as it is written. Nothing of it is kept."""

    title: Text = ""
    situation: Text = ""
    wanted: Text = ""
    use: Text = ""
    known: Text = ""
    place: Text = ""
    product: Text = ""
    time_available: Text = ""
    needed_by: date | None = None
    language: str = "nl"


class Place(BaseModel):
    """An offering that may fit: until when to hand in, when a result can be expected, in days and in words."""

    offering: str
    institution: str
    name: str
    reachable: bool
    hand_in_by: date | None
    starts_on: date | None
    result_by: date | None
    why: list[str]
    when: str


class Earlier(BaseModel):
    """An earlier question that the reader may see; `href` leads to it or to its public result."""

    ref: str
    title: str
    href: str


class Hint(BaseModel):
    """A rule and what it says."""

    code: str
    text: str


class Hints(BaseModel):
    """All of it. `missing`: what would still help; `remarks`: where the question prescribes its own answer."""

    places: list[Place]
    similar: list[Earlier]
    there: int
    of: int
    missing: list[Hint]
    remarks: list[Hint]
    example: str


@router.post("/hints")
async def hints(request: Request, reader: ApiReader, language: Language, body: Writing) -> Hints:
    """What helps with a question before it is asked. Keeps nothing, so that it can be asked again and again."""
    form = body.model_dump(mode="json", exclude_none=True)
    if faults := [Fault(name, "not_accepted") for name, value in form.items() if not storable(value)]:
        raise FaultyNeeds(faults)
    question = Question(title=body.title, form=form, language=body.language)
    async with reading(request.app.state.engine) as session:
        found = await hints_for(session, memory_of(request), question, reader, language)
    return Hints(
        places=[_place(one) for one in (*found.places, *found.missed)],
        similar=[Earlier(ref=one["ref"], title=one["title"], href=one["href"]) for one in found.similar],
        there=found.complete.there, of=found.complete.of,
        missing=[Hint(code=code, text=text) for code, text in found.complete.missing],
        remarks=[Hint(code=one.rule, text=one.advice) for one in found.remarks], example=found.example,
    )  # fmt: skip


def _place(row: dict[str, Any]) -> Place:
    return Place(
        offering=row["offering"], institution=row["house"], name=row["name"], reachable=row["in_time"],
        hand_in_by=row["hand_in_by"], starts_on=row["starts_on"], result_by=row["result_by"],
        why=row["why"], when=row["sentence"],
    )  # fmt: skip

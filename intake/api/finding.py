"""What a list of questions is narrowed down by."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query
from sqlalchemy import ColumnElement, and_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from intake import search
from intake.api.catalogue import chosen
from intake.api.door import ApiReader
from intake.desk import cut
from intake.desk.narrowing import with_institution, with_person
from intake.desk.views import VIEWS, branches
from intake.desk.walking import DOWN, SORTS, Order
from intake.language import local
from intake.sight import visible
from schemas.moment import now
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.process import QUESTION
from schemas.subjects import Question

Condition = ColumnElement[bool]


@dataclass(frozen=True)
class Filters:
    """What a request narrows a list of questions down by."""

    reader: ApiReader
    state: Annotated[list[str] | None, Query(description="One or more states.")] = None
    view: Annotated[str, Query(description="mine, new, others, late, risk, hold, open, underway, answered or all.")] = (
        ""
    )
    city: Annotated[str, Query(description="The id or a name of a municipality.")] = ""
    institution: Annotated[str, Query(description="The id or a name: with a trajectory there.")] = ""
    challenge: Annotated[str, Query(max_length=200, description="The id of a challenge.")] = ""
    person: Annotated[str, Query(max_length=200, description="Owner or deputy: words of a name or an address.")] = ""
    text: Annotated[str, Query(max_length=200, description="Words that must all occur, or a reference.")] = ""
    sort: Annotated[str, Query(description="due, here (how long), new, ref or title.")] = "new"
    order: Annotated[str, Query(description="up or down; without it `new` goes down and the others up.")] = ""
    after: Annotated[str, Query(max_length=400, description="Where a part ended: `next` says it.")] = ""

    @property
    def by(self) -> Order:
        return Order(self.sort, self.order == "down" if self.order else self.sort in DOWN)

    def faults(self) -> list[Fault]:
        """What is asked that there is not."""
        wrong = {"state": not {*(self.state or ())} <= QUESTION.states.keys(), "view": self.view not in ("", *VIEWS),
                 "sort": self.sort not in SORTS, "order": self.order not in ("", "up", "down")}  # fmt: skip
        texts = [name for name in ("text", "challenge", "person") if not storable(getattr(self, name))]
        found = [Fault(name, "not_a_choice") for name, bad in wrong.items() if bad]
        return found + [Fault(name, "not_accepted") for name in texts]


async def branches_of(session: AsyncSession, asked: Filters) -> list[Condition]:
    """What the reader may see, narrowed down, as conditions of which one must hold. Raises FaultyNeeds."""
    narrow = await conditions(session, asked)
    today = local(now()).date()
    views = branches(asked.view, asked.reader, today) if asked.view else [visible(asked.reader)]
    return [and_(one, *narrow) for one in search.together(views, asked.text, asked.reader)]


async def is_cut(session: AsyncSession, asked: Filters) -> bool:
    """Whether there is more than was looked at."""
    words = await search.is_cut(session, asked.text, asked.reader)
    return words or (bool(asked.view) and await cut.is_cut(session, asked.view, asked.reader, local(now()).date()))


async def conditions(session: AsyncSession, asked: Filters) -> list[Condition]:
    """Everything beside the view. Raises FaultyNeeds with every fault."""
    reader, faults = asked.reader, asked.faults()
    found: list[Condition] = []
    for name, given in (("city", asked.city), ("institution", asked.institution)):
        try:
            if given:
                organisation = await chosen(session, name, given)
                here = col(Question.city_id) == organisation
                found.append(with_institution(reader, organisation) if name == "institution" else here)
        except FaultyNeeds as error:
            faults += error.faults
    if faults:
        raise FaultyNeeds(faults)
    found += [col(Question.state).in_(asked.state)] if asked.state else []
    found += [col(Question.challenge) == asked.challenge] if asked.challenge else []
    found += [await with_person(session, asked.person)] if asked.person.strip() else []
    return found + search.searched(asked.text, reader, session)

"""Taking a step through the API: one transaction, one answer, and when it came too late what is true now."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.ledger import Taken, entry_shapes
from intake.api.once import Made, Once
from intake.api.problems import Refused
from intake.api.showing import now_of
from intake.sight import Reader
from schemas.birth import beginning
from schemas.case import open_case, take_up
from schemas.database import reading
from schemas.needs import Fault, FaultyNeeds
from schemas.steps import Actor, MovedOn, advance
from schemas.subjects import Question, Subject
from schemas.words import word


class Find(Protocol):
    """Finds a question or trajectory by its reference. `hold`: for whoever is going to change it."""

    def __call__(
        self, session: AsyncSession, reader: Reader, ref: str, *, hold: bool = False
    ) -> Awaitable[Subject]: ...


Answer = Callable[[Taken], tuple[BaseModel, str]]


def step_in(body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The step and the needs of a body. Raises FaultyNeeds."""
    step, needs = body.get("step"), body.get("needs")
    faults = [Fault(name.encode(errors="replace").decode(), "not_asked") for name in body.keys() - {"step", "needs"}]
    if not isinstance(step, str) or not step:
        faults.append(Fault("step", "wrong" if step else "missing"))
    if not isinstance(needs, Mapping | None):
        faults.append(Fault("needs", "wrong"))
    if faults:
        raise FaultyNeeds(faults)
    return str(step), needs or {}


async def post(once: Once, find: Find, ref: str, step: str, given: Mapping[str, Any], answer: Answer) -> JSONResponse:
    """Take a step as the reader and answer with what came of it, once."""

    async def work(session: AsyncSession) -> Made:
        return answer(await taken(session, once, await find(session, once.reader, ref, hold=True), step, given))

    try:
        return await once.do(work)
    except MovedOn:
        raise await _too_late(once, find, ref, step) from None


async def taken(session: AsyncSession, once: Once, subject: Subject, step: str, given: Mapping[str, Any]) -> Taken:
    """The entry of a step taken in this session, with the state that all that followed has led to.

    `subject` has been found with `hold`.
    """
    if step == "offer" and isinstance(subject, Question):
        case = await beginning(session, subject, given, held=True)
    else:
        case = await take_up(session, subject, held=True)
    entry = await advance(case, step, Actor(once.reader.person.id), given)
    shape = (await entry_shapes(case, [entry]))[0]
    return Taken(**dict(shape), state=case.subject.state)


async def _too_late(once: Once, find: Find, ref: str, step: str) -> Refused:
    async with reading(once.request.app.state.engine) as session:
        case = await open_case(session, await find(session, once.reader, ref))
        state = case.subject.state
        now = now_of(case, once.language).model_dump(mode="json")
    label = word(once.language, f"states.{state}.label")
    return Refused("moved-on", 409, step=step, state=state, state_label=label, now=now)

"""What the API says a step will send is what it sends."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import reader_of
from intake.api.openings import open_steps
from intake.taking import take
from schemas.case import open_case
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.process import MACHINES
from schemas.subjects import Subject
from tests.cast import Cast, Somebody, needs_for
from tests.story import Story

STATES = [
    (machine.name, state) for machine in MACHINES.values() for state in machine.states
    if state not in ("draft", "discarded")
]  # fmt: skip
Sent = set[tuple[str, str | None]]


class _TakenBack(Exception):  # noqa: N818
    pass


async def foretold(session: AsyncSession, subject: Subject, person: Somebody) -> dict[str, tuple[Sent, Sent, Sent]]:
    """Per open step its (letter, recipient) pairs: certain; under a condition; and where the needs decide."""
    reader = await reader_of(session, person.id)
    assert reader
    found = {}
    for step in await open_steps(await open_case(session, subject), reader, "nl"):
        certain: Sent = {(one.letter, one.recipient) for one in step.letters if one.recipient and not one.when}
        perhaps: Sent = {(one.letter, one.recipient) for one in step.letters if one.recipient and one.when}
        depends: Sent = {(one.letter, None) for one in step.letters if not one.recipient}
        found[step.name] = certain, perhaps, depends
    return found


async def really(
    engine: AsyncEngine, table: type[Subject], subject_id: int, step: str, person: Somebody, needs: dict[str, object]
) -> Sent:
    """The letters that taking the step owes; the step is taken back."""
    sent: Sent = set()
    try:
        async with writing(engine) as session:
            last = (await session.exec(select(func.max(Letter.id)))).one() or 0
            subject: Subject = await session.get_one(table, subject_id)
            await take(session, subject, step, person, needs)
            owed = await session.exec(select(Letter.name, Letter.email).where(col(Letter.id) > last))
            sent = {(name, email) for name, email in owed}
            raise _TakenBack
    except _TakenBack:
        return sent


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("machine", "state"), STATES)
async def test_letters_ahead(machine: str, state: str, engine: AsyncEngine, cast: Cast, tell: Story) -> None:
    async with writing(engine) as session:
        subject = await tell.state(session, machine, state)
        other = await tell.matching(session, cast.marloes)
    tried = 0
    for person in (cast.amira, cast.hanna, cast.bram, cast.eva, cast.femke, cast.chen, cast.daan):
        async with reading(engine) as session:
            steps = await foretold(session, subject, person)
        for step, (certain, perhaps, depends) in steps.items():
            if step in ("vote", "decide_in_meeting"):  # what follows from it, the others decide
                continue
            needs = needs_for(step, cast) | ({"other_question": other.ref} if step == "merge" else {})
            sent = await really(engine, type(subject), subject.id, step, person, needs)
            unnamed = {(letter, None) for letter, _ in sent - certain - perhaps}
            tried += 1
            assert certain <= sent, (step, person.name)
            assert unnamed <= depends, (step, person.name)
    assert tried or MACHINES[machine].states[state].end

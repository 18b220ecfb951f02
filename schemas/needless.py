"""Letters of the clock that nobody needs any more: what they ask has been done since they were owed."""

from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, open_case
from schemas.due import to_those_who_wait
from schemas.guards import holds
from schemas.ledger import Entry, Letter
from schemas.letters import recipients
from schemas.process import MACHINES
from schemas.rules import Due
from schemas.subjects import Question, Subject, Trajectory

BY_THE_CLOCK = frozenset(
    due.tell.letter
    for machine in MACHINES.values()
    for state in machine.states.values()
    for due in state.due
    if due.tell
)


async def needless(session: AsyncSession, letter: Letter) -> bool:
    """Whether a letter of the clock came too late: the state has been left, or nobody waits for its reader any more."""
    if letter.name not in BY_THE_CLOCK or letter.entry_id is None:
        return False
    entry = await session.get_one(Entry, letter.entry_id)
    table = Trajectory if entry.trajectory_id else Question
    subject: Subject = await session.get_one(table, entry.trajectory_id or entry.question_id, populate_existing=True)
    if subject.version == entry.version:  # nothing has happened to it since
        return False
    if (subject.state, subject.since <= entry.at) != (entry.to_state, True):
        return True
    return not await _waited_for(await open_case(session, subject), entry, letter)


async def _waited_for(case: Case, entry: Entry, letter: Letter) -> bool:
    row = _row(case, entry)
    rest = case.timing.until or not holds(case.machine.states[case.subject.state].asks_when, case, {})
    if rest or (row and not holds(row.when, case, {})):
        return False
    if row is None or row.tell is None:  # under other terms by now: the state is the same, and so is what it asks
        return True
    told = recipients(case, [to_those_who_wait(case, row.tell)], {}, None)
    return letter.recipient_id in {one.person.id async for one in told}


def _row(case: Case, entry: Entry) -> Due | None:
    rows, n = case.due(case.subject.state), int(entry.needs.get("nth", -1))
    return rows[n] if 0 <= n < len(rows) and (tell := rows[n].tell) and tell.letter == entry.needs["letter"] else None

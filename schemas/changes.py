"""A dry run: what another version of the process, or another calendar, would change for each open question."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import Case, open_case
from schemas.clock import Calendar
from schemas.incidents import kind_of
from schemas.process import MACHINES
from schemas.replay import TABLES, entries_of, replay
from schemas.rules import Machine
from schemas.running import first_due
from schemas.subjects import Question, Subject, Trajectory, apart
from schemas.versions import KEPT, ProcessVersion, Rules, consider

UNASKED = frozenset({"draft", "discarded"})  # nothing has been promised yet: they begin under the rules of that day


@dataclass(frozen=True)
class Change:
    """What would change for one question or trajectory. Days are those on which its clock looks again.

    `loaded`: under its own version with the new calendar; `moved`: once it goes on under the new version.
    """

    question: str
    ref: str
    title: str
    state: str
    version: str
    now: date | None
    loaded: date | None
    moved: date | None
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    letters: tuple[str, ...]  # `+letter` comes, `-letter` goes
    rules: tuple[str, ...]  # rules of the city that differ
    at_once: bool  # the new day has gone by already: the clock would act the moment it moves

    @property
    def any(self) -> bool:
        return self.now != self.loaded or self.of_rules

    @property
    def of_rules(self) -> bool:
        """Whether going on under the new version makes any difference."""
        return self.loaded != self.moved or bool(self.opened or self.closed or self.letters or self.rules)


def open_ones(table: type[Subject]) -> Any:
    """The questions or trajectories that have not ended."""
    machine = MACHINES[kind_of(table)]
    return select(table).where(col(table.state).not_in(machine.ends | UNASKED)).order_by(col(table.id))


async def changes(session: AsyncSession, to: Rules, calendar: Calendar | None = None) -> AsyncIterator[Change]:
    """What loading `to` and `calendar` would change, and then moving to them, per open question and trajectory."""
    consider(to)
    for table in TABLES:
        for subject in (await session.exec(open_ones(table))).all():
            yield await change_of(session, subject, to, calendar)


async def change_of(session: AsyncSession, subject: Subject, to: Rules, calendar: Calendar | None = None) -> Change:
    """What would change for one of them."""
    case = await open_case(session, subject)
    now, loaded = subject.due_at, subject.due_at
    if calendar and calendar != case.calendar:
        case.calendar = calendar
        loaded = replay(case, await entries_of(session, subject))[0]
    moved, at_once = loaded, False
    if case.process.id != to.id and not case.timing.until:
        other = case.at(apart(subject, process_id=to.id))
        moved = first_due(other)[0]
        at_once = moved is not None and moved <= case.now
    before, after = (_open(rules, case.machine, subject.state) for rules in (case.process, to))
    return Change(
        case.question.ref or "", subject.ref or "", case.question.title, subject.state, case.process.id,
        now=_day(case, now), loaded=_day(case, loaded), moved=_day(case, moved),
        opened=tuple(name for name in after if after[name]["by"] != before.get(name, {}).get("by")),
        closed=tuple(name for name in before if name not in after),
        letters=_differing(_letters(before), _letters(after)), rules=_rules(case.process, to), at_once=at_once,
    )  # fmt: skip


def _day(case: Case, moment: datetime | None) -> date | None:
    return case.calendar.local(moment) if moment else None


def _differing(old: set[str], new: set[str]) -> tuple[str, ...]:
    return (*(f"+{one}" for one in sorted(new - old)), *(f"-{one}" for one in sorted(old - new)))


def _open(rules: Rules, machine: Machine, state: str) -> Mapping[str, Mapping[str, Any]]:
    steps = rules.data["machines"][machine.name]["steps"]
    return {name: step for name, step in steps.items() if state in step["moves"]}


def _letters(steps: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {f"{letter} ({name})" for name, step in steps.items() for letter in step["letters"]}


def _rules(before: Rules, after: Rules) -> tuple[str, ...]:
    return tuple(name for name in KEPT if before.city(name) != after.city(name))


async def astray(session: AsyncSession) -> list[str]:
    """Open questions and trajectories in a state that the table of this release does not have, by reference."""
    found: list[str] = []
    for table in TABLES:
        machine = MACHINES[kind_of(table)]
        query = select(table.ref, table.state).where(
            col(table.state).not_in(machine.states), col(table.state) != "@new"
        )
        found += [f"{ref} ({state})" for ref, state in await session.exec(query.limit(20))]
    return found


def behind(version: str | None) -> ColumnElement[bool]:
    """The condition that an open question, or a trajectory of it, runs under another version than this."""
    others = select(ProcessVersion.id).where(ProcessVersion.id != version)
    late = [
        and_(col(table.process_id).in_(others), col(table.state).not_in(MACHINES[kind_of(table)].ends | UNASKED))
        for table in TABLES
    ]
    return or_(late[0], col(Question.id).in_(select(Trajectory.question_id).where(late[1])))


async def refs_behind(session: AsyncSession, version: str | None, limit: int | None = None) -> list[str]:
    """The references of those questions, oldest first."""
    query = select(Question.ref).where(behind(version)).order_by(col(Question.id)).limit(limit)
    return [ref or "" for ref in await session.exec(query)]


async def count_behind(session: AsyncSession, version: str | None) -> int:
    """How many there are; costs nothing while there is but one version."""
    if not (await session.exec(select(ProcessVersion.id).where(ProcessVersion.id != version).limit(1))).first():
        return 0
    return (await session.exec(select(func.count(col(Question.id))).where(behind(version)))).one()

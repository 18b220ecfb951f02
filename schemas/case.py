"""A question or trajectory with what decisions about it look at: its relatives, its city's rules, the calendar."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Integer, bindparam
from sqlalchemy.orm import aliased
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.attachments import Attachment
from schemas.clock import Calendar, due_day, fitted
from schemas.days_off import Closed
from schemas.kept import MARK, kept, lay_out, loose
from schemas.moment import now
from schemas.parties import Closure, Cooperation
from schemas.process import MACHINES
from schemas.rules import Due, Machine
from schemas.subjects import Question, Subject, Trajectory
from schemas.timing import Timing
from schemas.versions import Rules, known, learn

Found = TypeVar("Found")
# Statements of every step, put together once: that costs more than asking them.
ID: Any = bindparam("id", type_=Integer)
LOCK = select(Question).where(col(Question.id) == ID).with_for_update().execution_options(populate_existing=True)
KIN = aliased(Question)
RELATIVES = select(KIN).where(or_(KIN.part_of_id == ID, KIN.merged_into_id == ID)).order_by(col(KIN.id))
FILES = select(Attachment.id).where(
    Attachment.question_id == ID, col(Attachment.removed_at).is_(None), col(Attachment.note_id).is_(None)
)
# Each trajectory with the mark of what is kept, and whether there are relatives and files, which are seldom there.
AROUND = (
    select(MARK.scalar_subquery(), RELATIVES.exists(), FILES.exists(), Trajectory)
    .select_from(Question)
    .outerjoin(Trajectory, col(Trajectory.question_id) == Question.id)
    .where(Question.id == ID)
    .order_by(col(Trajectory.id))
)
AROUND_ANEW = AROUND.execution_options(populate_existing=True)


@dataclass
class Case:
    """`subject` is the question itself or one of its `trajectories`."""

    session: AsyncSession
    subject: Subject
    question: Question
    trajectories: list[Trajectory]
    cooperation: Cooperation
    calendar: Calendar
    now: datetime
    parts: list[Question] = field(default_factory=list)
    is_target: bool = True  # another question was merged into it, as far as anybody has looked
    has_files: bool = True  # likewise
    looked_up: dict[str, Any] = field(default_factory=dict)  # shared with the same case seen from another subject
    owed: list[Any] = field(default_factory=list)  # letters of this event, on their way: schemas.letters.Owed

    @property
    def machine(self) -> Machine:
        return MACHINES["question" if isinstance(self.subject, Question) else "trajectory"]

    @property
    def attempt(self) -> Trajectory:
        """The trajectory this is about. Raises TypeError when it is about the question itself."""
        if not isinstance(self.subject, Trajectory):
            raise TypeError(f"{self.question.ref} is a question, not a trajectory")
        return self.subject

    @property
    def concerned(self) -> list[Trajectory]:
        """The trajectories through which people have a role here: this one, or all of the question's."""
        return [self.subject] if isinstance(self.subject, Trajectory) else self.trajectories

    @property
    def open_parts(self) -> list[Question]:
        """The parts of a question that was split which nobody has finished yet."""
        return [one for one in self.parts if one.state not in MACHINES["question"].ends | {"answered"}]

    @property
    def today(self) -> date:
        return self.calendar.local(self.now)

    @property
    def process(self) -> Rules:
        """The version of the process that the subject runs under."""
        return known(self.subject.process_id, self.cooperation.process_id, self.cooperation.data)

    @property
    def rules(self) -> dict[str, Any]:
        """The committee's rules that this question runs under."""
        rules: dict[str, Any] = self.process.city("committee")
        return rules

    @property
    def timing(self) -> Timing:
        """Where the subject's clock stands."""
        return Timing.of(self.subject)

    def due(self, state: str) -> tuple[Due, ...]:
        """What the clock does in a state, in the version that the subject runs under."""
        rows, by = self.process.due(self.machine.name, state), self.timing.by
        if by is None or state != self.subject.state:
            return rows
        return fitted(rows, self.days_of(state).count(self.timing.began or self.calendar.local(self.subject.since), by))

    def term(self, state: str, n: int) -> str | None:
        """The n-th term of a state (`5 wd`), or None when there is none."""
        due = self.due(state)
        return due[n].at if n < len(due) else None

    def days_of(self, state: str) -> Calendar:
        """The days that count while a state lasts: those on which whoever it waits for works."""
        stops: dict[str, list[str]] = self.process.city("clocks")
        row = self.machine.states.get(state)
        own = {kind for role in (row.waits_for if row else ()) for kind in stops.get(role, ())}
        institution = self.subject.institution_id if isinstance(self.subject, Trajectory) else None
        return self.calendar.seen_by({*stops.get("everyone", ("holidays",))}, own, institution)

    @property
    def city_days(self) -> Calendar:
        """The days on which the city works."""
        stops: dict[str, list[str]] = self.process.city("clocks")
        return self.calendar.seen_by({*stops.get("everyone", ("holidays",))}, set(), None)

    def day(self, at: str, state: str | None = None) -> date | None:
        """The day on which a term of the subject's state ends, or None while its anchor is unknown."""
        return due_day(at, self.subject, self.days_of(state or self.subject.state))

    def at(self, subject: Subject) -> "Case":
        """The same case seen from another of its subjects."""
        return replace(self, subject=subject)

    async def once(self, what: str, look: Callable[[], Awaitable[Found]]) -> Found:
        """What no step changes (who is away, who is coordinator), looked up once for a case."""
        if what not in self.looked_up:
            self.looked_up[what] = await look()
        found: Found = self.looked_up[what]
        return found


async def cooperation_of(session: AsyncSession) -> Cooperation:
    """The cooperation this installation serves. Raises LookupError while no city has been loaded."""

    async def look() -> Cooperation | None:
        found = (await session.exec(select(Cooperation))).first()
        return loose(found) if found else None

    found = await kept(session, "cooperation", look)
    if not found:
        raise LookupError("No city has been loaded. Load one with: stadsvraag city load cities/twente")
    await learn(session, found.process_id)
    return found


async def calendar_of(session: AsyncSession, cooperation: Cooperation) -> Calendar:
    """The working days of the cooperation and its institutions."""

    async def look() -> Calendar:
        query = select(  # type: ignore[call-overload]
            Closure.starts_on, Closure.ends_on, Closure.name, Closure.name_en, Closure.kind, Closure.organisation_id
        )
        rows = await session.exec(query.where(Closure.cooperation_id == cooperation.id))
        return Calendar.made(cooperation.timezone, [Closed(*row) for row in rows])

    return await kept(session, f"calendar {cooperation.id} {cooperation.timezone}", look)


async def lock(session: AsyncSession, question_id: int) -> None:
    """Wait for whoever is changing this question or one of its trajectories, and see what they made of it.

    SQLite needs no lock: there a writing session is alone from its beginning.
    """
    (await session.exec(LOCK, params={"id": question_id})).one()


async def take_up(session: AsyncSession, subject: Subject, at: datetime | None = None, *, held: bool = False) -> Case:
    """The case of a subject, for whoever is going to change it: nobody else does so meanwhile.

    `held`: its question has been locked by whoever read it.
    """
    if not held:
        await lock(session, subject.id if isinstance(subject, Question) else subject.question_id)
    return await open_case(session, subject, at, anew=True)


async def open_case(
    session: AsyncSession, subject: Subject, at: datetime | None = None, *, anew: bool = False, alone: bool = False
) -> Case:
    """Everything around a subject, read once. `anew`: trajectories that the session knows may have changed since.

    `alone`: the question has come into being in this transaction, and nothing can be around it.
    """
    question = subject if isinstance(subject, Question) else await session.get_one(Question, subject.question_id)
    trajectories, kin, has_files = list[Trajectory](), list[Question](), True
    if question.id and not alone:
        rows = (await session.exec(AROUND_ANEW if anew else AROUND, params={"id": question.id})).all()
        mark, has_kin, has_files, _ = rows[0]
        lay_out(session, mark)
        trajectories = [one for *_, one in rows if one]
        kin = list(await session.exec(RELATIVES, params={"id": question.id})) if has_kin else []
    cooperation = await cooperation_of(session)
    await learn(session, question.process_id, *(one.process_id for one in trajectories))
    calendar = await calendar_of(session, cooperation)
    parts = [one for one in kin if one.part_of_id == question.id]
    merged = any(one.merged_into_id == question.id for one in kin)
    return Case(
        session, subject, question, trajectories, cooperation, calendar, at or now(), parts, merged, bool(has_files)
    )

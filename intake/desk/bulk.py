"""One step on many: which steps the ticked rows allow, what would happen to each, and doing it, row by row.

Each row has a transaction of its own, in which its outcome is written too. So a row is done once, however often the
same is sent, and whatever happens in between: what has no outcome yet is taken up again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from json import dumps
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.rows import reference
from intake.sight import Reader, seen_attempts, visible
from intake.taking import steps_for, take
from schemas.case import open_case
from schemas.database import insert_once, reading, writing
from schemas.desk import Bulk, BulkRow
from schemas.ledger import Letter
from schemas.needs import NEEDS, FaultyNeeds, check_needs
from schemas.process import QUESTION, TRAJECTORY
from schemas.rules import Step
from schemas.steps import Actor, MovedOn, NotYours, SameEyes, UnknownStep
from schemas.subjects import Question, Subject, Trajectory

MOST = 100
# What has to be said of each by itself.
SINGLY = {name for name, need in NEEDS.items() if need.source in ("questions", "terms", "trajectories", "editions")}
SINGLY |= {"scores", "parts", "summary"}


class Unknown(LookupError):  # noqa: N818 - named for what happened, as the pages say it
    """There is no question or trajectory with this reference."""


@dataclass(frozen=True)
class Ticked:
    """A ticked question with what can be done on it and on its trajectories: step → references of the subjects."""

    ref: str
    title: str
    steps: Mapping[str, list[str]] = field(default_factory=dict)


def key_of(name: str, subject: Subject) -> str:
    """A step as an address names it: some are in both tables."""
    return f"{'question' if isinstance(subject, Question) else 'trajectory'}.{name}"


def rule_of(key: str) -> Step:
    """The row of the table behind a key. Raises UnknownStep."""
    machine, _, name = key.partition(".")
    if key == "question.offer":
        return TRAJECTORY.steps["offer"]
    steps = {"question": QUESTION, "trajectory": TRAJECTORY}
    rule = steps[machine].steps.get(name) if machine in steps else None
    if rule is None or not for_many(rule):
        raise UnknownStep(key)
    return rule


def for_many(rule: Step) -> bool:
    """Whether what the step needs can be said once for all."""
    return not rule.each and not SINGLY & {name for name in rule.need_names if name in rule.required}


def without_singly(rule: Step) -> Step:
    """The step without what it may ask of each by itself."""
    return replace(rule, needs=" ".join(name for name in rule.needs.split() if name.rstrip("?") not in SINGLY))


async def ticked(session: AsyncSession, reader: Reader, refs: Iterable[str]) -> list[Ticked]:
    """The questions with these references that the reader may see, in that order, each once."""
    wanted = list(dict.fromkeys(reference(ref) for ref in refs))[:MOST]
    query = select(Question).where(col(Question.ref).in_(wanted), visible(reader))
    found = {row.ref: row for row in await session.exec(query)}
    return [await _ticked(session, reader, found[ref]) for ref in wanted if ref in found]


async def _ticked(session: AsyncSession, reader: Reader, question: Question) -> Ticked:
    case, steps = await open_case(session, question), dict[str, list[str]]()
    subjects: list[Subject] = [question, *seen_attempts(reader, question, case.trajectories)]
    for subject in subjects:
        for name, rule in (await steps_for(case.at(subject), reader)).items():
            if for_many(rule):
                steps.setdefault(key_of(name, subject), []).append(subject.ref or "")
    return Ticked(question.ref or "", question.title, steps)


async def subject_of(session: AsyncSession, reader: Reader, ref: str) -> Subject:
    """The question or trajectory with this reference. Raises Unknown, or NotYours for what may not be seen."""
    found: Subject | None
    if "." in ref:
        found = (await session.exec(select(Trajectory).where(Trajectory.ref == ref))).first()
    else:
        found = (await session.exec(select(Question).where(Question.ref == ref))).first()
    if found is None:
        raise Unknown(ref)
    question_id = found.question_id if isinstance(found, Trajectory) else found.id
    question = (await session.exec(select(Question).where(Question.id == question_id, visible(reader)))).first()
    if question is None or (isinstance(found, Trajectory) and not seen_attempts(reader, question, [found])):
        raise NotYours(ref)
    return found


async def begin(
    engine: AsyncEngine, reader: Reader, key: str, step: str, needs: Mapping[str, Any], refs: Sequence[str],
    back: str = "/desk", body: bytes = b"",
) -> Bulk:  # fmt: skip
    """Write down what is wanted, or find what was wanted under this key before. Raises KeyError for another wish."""
    asked = body or dumps([step, needs, list(refs)], sort_keys=True, default=str).encode()
    async with writing(engine) as session:
        digest = sha256(asked).hexdigest()
        new = Bulk(person_id=reader.person.id, key=key, request=digest, step=step, needs=dict(needs), back=back)
        first = await insert_once(session, Bulk, **new.model_dump(exclude={"id"}))
        query = select(Bulk).where(Bulk.person_id == reader.person.id, Bulk.key == key)
        bulk = (await session.exec(query)).one()
        if first:
            session.add_all([BulkRow(bulk_id=bulk.id, ref=ref) for ref in dict.fromkeys(refs)])
        elif bulk.request != digest:
            raise KeyError(key)
    return bulk


async def rows_of(session: AsyncSession, bulk: Bulk) -> Sequence[BulkRow]:
    """Its rows, in the order in which they were asked."""
    return (await session.exec(select(BulkRow).where(BulkRow.bulk_id == bulk.id).order_by(col(BulkRow.id)))).all()


async def run(engine: AsyncEngine, reader: Reader, bulk: Bulk, *, again: bool = False) -> Sequence[BulkRow]:
    """Take the step on every row that has no outcome yet; `again`: also on those on which it failed."""
    async with reading(engine) as session:
        left = [row.id for row in await rows_of(session, bulk) if row.outcome == "waiting" or again]
    for row_id in left:
        try:
            await _run_one(engine, reader, bulk, row_id)
        except (Unknown, UnknownStep, NotYours, MovedOn, FaultyNeeds) as error:
            async with writing(engine) as session:
                row = await session.get_one(BulkRow, row_id, with_for_update=True)
                if row.outcome != "done":
                    row.outcome, row.told = _failed(error)
    async with reading(engine) as session:
        return await rows_of(session, bulk)


async def _run_one(engine: AsyncEngine, reader: Reader, bulk: Bulk, row_id: int) -> None:
    async with writing(engine) as session:
        row = await session.get_one(BulkRow, row_id, with_for_update=True)
        if row.outcome == "done":
            return
        subject = await subject_of(session, reader, row.ref)
        last = (await session.exec(select(func.max(Letter.id)))).one() or 0
        moved = await take(session, subject, bulk.step, Actor(reader.person.id), bulk.needs)
        question_id = moved.question_id if isinstance(moved, Trajectory) else moved.id
        owed = select(Letter.email).where(col(Letter.id) > last, Letter.question_id == question_id)
        row.outcome = "done"
        row.told = {"ref": moved.ref, "state": moved.state, "letters": sorted(await session.exec(owed))}


def _failed(error: Exception) -> tuple[str, dict[str, Any]]:
    if isinstance(error, MovedOn):
        return "moved_on", {"state": error.state}
    if isinstance(error, FaultyNeeds):
        return "faulty", {"faults": [[one.field, one.code, one.limit] for one in error.faults]}
    if isinstance(error, NotYours):
        return "same_eyes" if isinstance(error, SameEyes) else "not_yours", {}
    return "unknown", {}


def checked(rule: Step, needs: Mapping[str, Any]) -> dict[str, Any]:
    """What is needed, as it will be kept. Raises FaultyNeeds."""
    return check_needs(without_singly(rule), needs)

"""What must hold after every event, and what must have come of everything in the end."""

from hashlib import sha256

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from schemas.case import open_case
from schemas.database import reading
from schemas.ledger import Entry, Letter
from schemas.letter_events import LetterEvent
from schemas.replay import differing, entries_of, replay
from schemas.subjects import Question, Subject, Trajectory
from tests.schemas.backup.places import faults
from tests.simulation.town import Town

SHOWN = {"sent", "refused", "uncertain", "kept", "gathered", "withheld"}  # of the last three a digest tells, or nobody


class Judge:
    """`trace`: everything that happened, in its order."""

    def __init__(self, town: Town) -> None:
        self.town, self.engine = town, town.engine
        self.trace: list[str] = []
        self._seen = 0

    async def look(self) -> None:
        """Since the last look: each subject's ledger is a whole chain, and its clock is what the ledger says."""
        async with reading(self.engine) as session:
            fresh = (await session.exec(select(Entry).where(Entry.id > self._seen).order_by(col(Entry.id)))).all()
            for one in fresh:
                self.trace.append(_line(one))
            self._seen = fresh[-1].id if fresh else self._seen
            touched: dict[tuple[type[Subject], int], None] = {}
            for one in fresh:
                touched[(Trajectory, one.trajectory_id) if one.trajectory_id else (Question, one.question_id)] = None
            for table, subject_id in touched:
                await _holds(session, await session.get_one(table, subject_id))

    async def letters_hold(self) -> None:
        """What is called sent has arrived; what arrived twice was called uncertain before."""
        async with reading(self.engine) as session:
            letters = (await session.exec(select(Letter.id, Letter.message_id, Letter.state))).all()
            again = set(await session.exec(select(LetterEvent.letter_id).where(LetterEvent.what == "retried")))
        for letter_id, message_id, state in letters:
            arrived = self.town.post.taken[message_id]
            assert arrived or state != "sent", f"letter {letter_id} was never sent"
            assert arrived <= 1 + (letter_id in again), f"letter {letter_id} arrived {arrived} times"

    async def ends(self) -> dict[str, int]:
        """Nothing acknowledged is lost, nothing is owed any more, and the doctor finds nothing."""
        await self.look()
        await self.letters_hold()
        async with reading(self.engine) as session:
            letters = (await session.exec(select(Letter).order_by(col(Letter.id)))).all()
            entries = {
                (one.question_id, one.trajectory_id, one.version, one.step) for one in await session.exec(select(Entry))
            }
            unfollowed = (await session.exec(select(func.count()).where(col(Entry.followed_at).is_(None)))).one()
            assert [one.ref for one, _ in await differing(session)] == [], "clocks that differ from their replay"
        lost = [one for one in self.town.acknowledged if one not in entries]
        assert lost == [], "acknowledged, and lost"
        assert await faults(self.engine) == []
        unfounded = [one.id for one in letters if one.state == "uncertain" and not self._in_hand(one)]
        assert unfounded == [], "uncertain, and neither open at a fault nor in the hand of a process that died"
        states = {one.state for one in letters}
        assert (states <= SHOWN, unfollowed) == (True, 0), (states, unfollowed)
        self.trace += [f"{one.id} {one.name} {one.email} {one.state} {one.attempts}" for one in letters]
        taken = self.town.post.taken
        return {
            "letters owed": len(letters), "delivered": sum(taken[one.message_id] > 0 for one in letters),
            "doubled": sum(taken[one.message_id] > 1 for one in letters),
            "refused": sum(one.state == "refused" for one in letters),
            "uncertain": sum(one.state == "uncertain" for one in letters),
            "in a digest or not wanted": sum(one.state in ("kept", "gathered", "withheld") for one in letters),
            "entries": len(entries),
        }  # fmt: skip

    def _in_hand(self, letter: Letter) -> bool:
        return letter.message_id in self.town.post.open_at_fault or self.town.died(letter.lease)

    @property
    def hash(self) -> str:
        return sha256("\n".join(self.trace).encode()).hexdigest()[:16]


async def _holds(session: AsyncSession, subject: Subject) -> None:
    entries = await entries_of(session, subject)
    assert [one.version for one in entries] == list(range(1, subject.version + 1)), f"{subject.ref}: not a chain"
    assert entries[-1].to_state == subject.state, f"{subject.ref}: {subject.state}"
    moment = replay(await open_case(session, subject), entries)
    assert moment == (subject.due_at, subject.due_n), (
        f"{subject.ref} {subject.state}: its clock says {subject.due_at} {subject.due_n}, its replay {moment}"
    )


def _line(one: Entry) -> str:
    return f"{one.at} {one.question_id} {one.trajectory_id} {one.version} {one.step} {one.from_state} {one.to_state}"

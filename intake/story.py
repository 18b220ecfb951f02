"""A question's past as a story: entries in people's words, each with its letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.language import day, speaking
from intake.mail_care import shown_state
from schemas.case import Case
from schemas.facts import given_in_words, named
from schemas.ledger import Entry, Letter, LetterState
from schemas.needs import NEEDS
from schemas.parties import Organisation, Person
from schemas.process import QUESTION
from schemas.rules import Role
from schemas.subjects import Trajectory
from schemas.words import word

SEEN_AS = {
    LetterState.OWED: "waiting", LetterState.SENDING: "waiting", LetterState.SENT: "done", LetterState.REFUSED: "risk",
    LetterState.UNCERTAIN: "risk", LetterState.BOUNCED: "risk", LetterState.WITHHELD: "ended",
    LetterState.KEPT: "waiting", LetterState.GATHERED: "done",
}  # fmt: skip
BAD_NEWS = {"cancel", "reject", "decline", "lapse", "refuse_result", "withdraw", "unmatch", "stop", "refuse_ownership"}
# What somebody wrote to the others; it is quoted. The rest of what a step needed stands below it.
SAID = ("note", "answer", "reason", "message", "explanation", "summary", "intended_use", "how")
SECRET = {name for name, step in QUESTION.steps.items() if step.secret}
DATES = {name for name, need in NEEDS.items() if need.kind == "date" or need.source == "meetings"}
GOOD_NEWS = {"accept", "take_on", "agree", "deliver", "accept_result", "conclude", "publish", "begin"}


def kind_of_letter(letter: Letter) -> str:
    """How its state looks."""
    return SEEN_AS[LetterState(letter.state)]


@dataclass(frozen=True)
class Posted:
    """A letter with its recipient, as the pages show it."""

    letter: Letter
    recipient: str

    @property
    def kind(self) -> str:
        return kind_of_letter(self.letter)

    @property
    def state(self) -> str:
        return shown_state(self.letter)


async def letters_of(
    session: AsyncSession, *, question_id: int | None = None, entry_id: int | None = None
) -> list[Posted]:
    """The letters of a question or of one entry, oldest first."""
    query = select(Letter, Person.name).join(Person, col(Person.id) == Letter.recipient_id).order_by(col(Letter.id))
    query = query.where(Letter.question_id == question_id) if question_id else query.where(Letter.entry_id == entry_id)
    return [Posted(letter, name) for letter, name in await session.exec(query)]


async def entries_of(
    session: AsyncSession, question_id: int, attempts: Sequence[Trajectory], *, only: int | None = None
) -> list[Entry]:
    """The ledger of a question: its own entries and those of the given trajectories, oldest first."""
    ids = [only] if only else [one.id for one in attempts]
    query = select(Entry).where(Entry.question_id == question_id).order_by(col(Entry.id))
    rows = (await session.exec(query)).all()
    return [row for row in rows if row.trajectory_id in ids or (row.trajectory_id is None and only is None)]


async def story(
    case: Case, entries: Sequence[Entry], letters: Sequence[Posted], language: str, *, votes_open: bool
) -> list[dict[str, Any]]:
    """The timeline, newest first. `votes_open`: whether the reader may see what each member voted."""
    people = {row.id: row.name for row in await case.session.exec(_actors(entries))}
    houses = {one.id: one.institution_id for one in case.trajectories}
    told = [
        await _event(case, entry, people, houses, letters, language)
        for entry in entries
        if entry.step not in SECRET or votes_open
    ]
    return told[::-1]


def _actors(entries: Sequence[Entry]) -> Any:
    wanted = {who for one in entries for who in (one.actor_id, one.for_id) if who}
    return select(Person).where(col(Person.id).in_(wanted))


async def _event(
    case: Case, entry: Entry, people: dict[int, str], houses: dict[int, str], letters: Sequence[Posted], language: str
) -> dict[str, Any]:
    done = word(language, f"steps.{entry.step}.done")
    house = ""
    if entry.trajectory_id:
        house = named(await case.session.get_one(Organisation, houses[entry.trajectory_id]), language)
    name = people.get(entry.actor_id or 0)
    given = await given_in_words(case, entry.needs, language) if entry.step not in ("remind", "agree") else {}
    with speaking(language):
        for key in given.keys() & DATES:
            given[key]["value"] = day(given[key]["value"])
    said = next((given.pop(name)["value"] for name in SAID if name in given), "")
    if name and entry.for_id:
        name = f"{name} ({word(language, 'instead')} {people[entry.for_id]})"
    by_person = name and entry.role not in (Role.CLOCK, Role.PROCESS)
    if entry.role == Role.DECISION:
        done = f"{word(language, 'roles.decision')} {done}"
    return {
        "at": entry.at,
        "title": f"{name} {done}" if by_person else done[:1].upper() + done[1:],
        "who": ", ".join(part for part in (word(language, f"roles.{entry.role}") if by_person else "", house) if part),
        "said": said,
        "given": list(given.values()),
        "kind": "ended" if entry.step in BAD_NEWS else "done" if entry.step in GOOD_NEWS else "",
        "posted": [one for one in letters if one.letter.entry_id == entry.id],
    }

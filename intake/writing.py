"""What pages and API do with notes: write, correct, take away; who may, and under which role."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import NotForYou
from intake.incoming import Incoming
from intake.keeping import made
from intake.noted import may_correct, may_remove, seen_notes
from intake.sight import Reader, may_see
from intake.trouble import NotFound
from schemas.attachments import attach, attached, take_away
from schemas.case import Case, lock, open_case
from schemas.mentions import meant, tell_mentioned
from schemas.needs import Fault, FaultyNeeds, storable
from schemas.notes import LONGEST, Note, audience, correction, note_with_key, remove, rows_of, writable
from schemas.roles import roles_towards
from schemas.rules import Role
from schemas.subjects import Question, Trajectory


@dataclass(frozen=True)
class Written:
    """A note as somebody wrote it."""

    text: str
    audience: str = ""
    mentions: Sequence[int] = field(default_factory=list)
    key: str | None = None


def roles_of_writer(case: Case, reader: Reader) -> tuple[set[Role], int | None]:
    """The roles in which a reader writes here, and in whose place: their own go before those of somebody absent."""
    trajectory = isinstance(case.subject, Trajectory)
    for holder in (reader.person.id, *reader.places):
        held = [one for one in reader.held if one.person_id == holder]
        roles = roles_towards({holder}, held, case.question, case.concerned)
        if writable(roles, trajectory=trajectory):
            return roles, holder if holder != reader.person.id else None
    return set(), None


def may_write(case: Case, reader: Reader) -> tuple[str, ...]:
    """The audiences that a reader may write to here."""
    return writable(roles_of_writer(case, reader)[0], trajectory=isinstance(case.subject, Trajectory))


async def checked(case: Case, reader: Reader, written: Written) -> Note:
    """The note that would be written. Raises NotForYou, or FaultyNeeds with everything that is wrong."""
    trajectory = isinstance(case.subject, Trajectory)
    roles, for_id = roles_of_writer(case, reader)
    may = writable(roles, trajectory=trajectory)
    if not may:
        raise NotForYou
    chosen = written.audience or (may[0] if len(may) == 1 else "")
    faults = _faults(written.text)
    faults += [] if chosen in may else [Fault("audience", "not_a_choice")]
    if faults:
        raise FaultyNeeds(faults)
    mentions = await meant(case, chosen, written.text, written.mentions)
    role = next(one for one in audience(chosen, trajectory=trajectory) if one in roles)
    return Note(
        question_id=case.question.id, trajectory_id=case.subject.id if trajectory else None, audience=chosen, role=role,
        actor_id=reader.person.id, for_id=for_id, text=written.text, mentions=mentions, key=written.key,
    )  # fmt: skip


async def write(case: Case, reader: Reader, written: Written, files: Sequence[Incoming] = ()) -> Note:
    """Keep a note with its files and tell who is mentioned. Sent twice it is written once. Raises as `checked`."""
    await lock(case.session, case.question.id)
    earlier = await note_with_key(case.session, reader.person.id, written.key)
    if earlier is not None:
        return earlier
    note = await checked(case, reader, written)
    case.session.add(note)
    await case.session.flush()
    for one in files:
        await attach(case.session, made(one, **beside(note, reader)), one.content)
    await tell_mentioned(case, note)
    return note


def beside(note: Note, reader: Reader) -> dict[str, int | None]:
    """Where a file of this note belongs."""
    return {"question_id": note.question_id, "trajectory_id": note.trajectory_id, "note_id": note.id,
            "by_id": reader.person.id}  # fmt: skip


def _faults(text: str) -> list[Fault]:
    if not text.strip():
        return [Fault("text", "missing")]
    if not storable(text):
        return [Fault("text", "not_accepted")]
    return [Fault("text", "too_long", str(LONGEST))] if len(text) > LONGEST else []


async def found_note(session: AsyncSession, reader: Reader, note_id: int) -> tuple[Note, Case]:
    """A note with what it is about, for a reader who may read it. Raises NotFound or NotForYou."""
    note = await session.get(Note, note_id) if 0 < note_id < 2**31 else None
    if note is None or note.kind != "written":
        raise NotFound("page")
    place = (Trajectory, note.trajectory_id) if note.trajectory_id else (Question, note.question_id)
    case = await open_case(session, await session.get_one(*place))
    readable = await may_see(session, reader, case) and any(
        one.note.id == note.id for one in await seen_notes(case, reader)
    )
    if not readable:
        raise NotForYou
    return note, case


async def correct(case: Case, reader: Reader, note: Note, text: str, key: str | None = None) -> Note:
    """Correct a note of one's own; who is mentioned only now is told. Raises NotForYou or FaultyNeeds."""
    if not may_correct(reader, note):
        raise NotForYou
    await lock(case.session, case.question.id)  # it is not removed meanwhile, nor sent twice at once
    earlier = await note_with_key(case.session, reader.person.id, key)
    if earlier is not None:
        return earlier
    if faults := _faults(text):
        raise FaultyNeeds(faults)
    rows = [row for row in await rows_of(case.session, note.question_id) if note.id in (row.id, row.about_id)]
    if any(row.kind == "removed" for row in rows):
        raise NotFound("page")
    row = correction(note, text, await meant(case, note.audience, text, ()), key)
    case.session.add(row)
    await case.session.flush()
    await tell_mentioned(case, row, {one for other in rows for one in other.mentions})
    return row


async def take_note_away(case: Case, reader: Reader, note: Note) -> None:
    """Take a note away with its files. Raises NotForYou."""
    if not may_remove(reader, note):
        raise NotForYou
    own = note.actor_id == reader.person.id
    await lock(case.session, case.question.id)
    await remove(case.session, note, reader.person.id, note.role if own else Role.ADMIN)
    for one in await attached(case.session, note.question_id):
        if one.note_id == note.id:
            await take_away(case.session, one, reader.person.id)

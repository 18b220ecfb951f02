"""What the pages tell of a question: standing, story, people, trajectories, votes, as far as the reader may see."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake import received_words
from intake.attached import may_add, shown_files
from intake.noted import note_events, seen_notes
from intake.received import on_question
from intake.related import earlier, related
from intake.rows import kind_of
from intake.sight import Reader, seen_attempts
from intake.story import entries_of, letters_of, story
from intake.writing import may_write
from schemas.case import Case
from schemas.committee import votes_of
from schemas.facts import named, readable
from schemas.form import FIELDS
from schemas.parties import Offering, Organisation, Person
from schemas.roles import people_of
from schemas.rules import Role
from schemas.standing import leading, stalled, standing
from schemas.subjects import Trajectory
from schemas.words import choice_label, word

SHOWN = (
    "situation", "wanted", "use", "known", "product", "place", "links", "needed_by", "time_available", "confidential",
    "challenge", "department", "language", "manager_agrees",
)  # fmt: skip
STAFF = {Role.COORDINATOR, Role.COMMITTEE, Role.CHAIR, Role.PRIVACY, Role.EXECUTIVE, Role.ADMIN}


async def told(
    case: Case, reader: Reader, language: str, *, only: Trajectory | None = None, base: str | None = "/files"
) -> dict[str, Any]:
    """What a page tells of a question, or of one trajectory of it. `base`: where files are handed out; None: neither
    files nor notes, as for whoever holds a link that may have gone round."""
    session, question = case.session, case.question
    attempts = [only] if only else list(seen_attempts(reader, question, case.trajectories))
    entries = await entries_of(session, question.id, attempts, only=only.id if only else None)
    posted = await letters_of(session, question_id=question.id)
    staff = bool(reader.roles & STAFF)
    letters = [one for one in posted if staff or one.letter.recipient_id == reader.person.id]
    now = standing(case, language)
    notes, files = await _beside(case, reader, language, base)
    events = await story(case, entries, letters, language, votes_open=bool(reader.roles & STAFF))
    return {
        "question": question,
        "subject": case.subject,
        "now": now,
        "late": bool(now.by and now.by < case.today),
        "clock_href": clock_href(case, attempts),
        "kind": kind_of(case.subject.state),
        "people": await _people(case, language),
        "city": await _named(session, Organisation, question.city_id, language),
        "facts": await form_rows(case, language),
        "attempts": [await attempt_row(session, one, language, case.at(one)) for one in attempts],
        "story": sorted([*events, *notes[::-1]], key=lambda event: event["at"], reverse=True),
        "files": files,
        "may_note": base == "/files" and bool(may_write(case, reader)),
        "may_add": base == "/files" and may_add(reader, case),
        "related": await related(case, reader, language),
        "stalled": stalled(case),
        "earlier": await earlier(case, language),
        "letters": letters,
        "staff": staff,
        "votes": await _votes(case, language) if staff and question.round else [],
    }


async def _beside(
    case: Case, reader: Reader, language: str, base: str | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Notes and answers by mail as events, and the files that belong to no note."""
    if base is None:
        return [], []
    notes = await seen_notes(case, reader)
    files = await shown_files(case, reader, base, notes)
    events = await note_events(case, reader, language, notes, files["of_notes"], links=base == "/files")
    answers = await on_question(case, reader) if case.subject is case.question else []
    return [*events, *received_words.events(answers, language)], files["files"]


def clock_href(case: Case, seen: Sequence[Trajectory]) -> str:
    """Where the date is explained that the standing of this case names; empty where none runs or it may not be seen."""
    subject = leading(case) if case.subject is case.question else case.subject
    if subject not in (case.question, *seen) or not case.at(subject).due(subject.state):
        return ""
    return f"/{'questions' if subject is case.question else 'trajectories'}/{subject.ref}/clock"


async def _votes(case: Case, language: str) -> list[dict[str, str]]:
    votes = await votes_of(case)
    names = select(Person).where(col(Person.id).in_([one.person_id for one in votes]))
    people = {one.id: one.name for one in await case.session.exec(names)}
    return [
        {"name": people[one.person_id], "label": choice_label(language, "vote", one.vote), "reason": one.reason}
        for one in votes
    ]


async def form_rows(case: Case, language: str) -> list[dict[str, str]]:
    """What was asked, as labels and readable answers."""
    form, rows = case.question.form, []
    for name in SHOWN:
        if form.get(name) and name in FIELDS:
            value = await readable(case, name, form[name], language)
            if name == "challenge":
                known = {one["id"]: one for one in case.cooperation.data.get("challenges", [])}
                value = str(known.get(form[name], {}).get(language) or word(language, "extra.challenge.unknown"))
            if name == "product":
                value = _extra(language, name, str(form[name]))
            rows.append({"name": name, "label": word(language, f"needs.{name}.label"), "value": value})
    return rows


def _extra(language: str, name: str, value: str) -> str:
    try:
        return word(language, f"extra.{name}.{value}")
    except KeyError:
        return value


async def _people(case: Case, language: str) -> list[dict[str, str]]:
    """Who one can turn to, each once, with all their roles here."""
    question, found = case.question, dict[int, tuple[Person, list[str]]]()
    for role in (Role.OWNER, Role.SUBMITTER, Role.DEPUTY, Role.COORDINATOR):
        for person in (await people_of(case.session, role, question, [], case.today))[:1]:
            found.setdefault(person.id, (person, []))[1].append(word(language, f"roles.{role}"))
    return [{"name": one.name, "email": one.email, "roles": ", ".join(roles)} for one, roles in found.values()]


async def _named(
    session: AsyncSession, table: type[Organisation] | type[Offering], key: str | None, language: str
) -> str:
    found = await session.get(table, key) if key else None
    return named(found, language) if found else ""


async def attempt_row(
    session: AsyncSession, attempt: Trajectory, language: str, case: Case | None = None
) -> dict[str, Any]:
    """A trajectory as a card shows it; with its case also who acts next on it, and by when."""
    lecturer = await session.get(Person, attempt.lecturer_id) if attempt.lecturer_id else None
    return {
        "attempt": attempt,
        "institution": await _named(session, Organisation, attempt.institution_id, language),
        "offering": await _named(session, Offering, attempt.offering_id, language),
        "lecturer": lecturer.name if lecturer else "",
        "state": word(language, f"states.{attempt.state}.label"),
        "kind": "risk" if case and stalled(case) else kind_of(attempt.state),
        "now": standing(case, language) if case else None,
        "stalled": bool(case and stalled(case)),
    }

"""The notes that a reader may read, as events of the story."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import col, select

from intake.language import moment, speaking, translate
from intake.sight import Reader, seen_attempts
from schemas.case import Case
from schemas.moment import now
from schemas.notes import CORRECTED_WITHIN, EVERYONE, Note, Told, as_they_read, readable, rows_of
from schemas.parties import Person
from schemas.roles import roles_towards
from schemas.rules import Role
from schemas.subjects import Trajectory
from schemas.words import word

Files = Mapping[int, list[dict[str, Any]]]  # by the note that they belong to


async def seen_notes(case: Case, reader: Reader) -> list[Told]:
    """The notes on the case's subject that this reader may read; on a question also those on its trajectories."""
    seen = {one.id: one for one in seen_attempts(reader, case.question, case.trajectories)}
    found = []
    for told in as_they_read(await rows_of(case.session, case.question.id)):
        place = told.note.trajectory_id
        if isinstance(case.subject, Trajectory) and place != case.subject.id:
            continue
        if place is None or place in seen:
            through = [seen[place]] if place else case.trajectories
            if readable(told.note, roles_towards(reader.ids, reader.held, case.question, through)):
                found.append(told)
    return found


def may_correct(reader: Reader, note: Note) -> bool:
    return note.actor_id == reader.person.id


def may_remove(reader: Reader, note: Note) -> bool:
    return note.actor_id == reader.person.id or any(one.role == Role.ADMIN for one in reader.own)


async def note_events(
    case: Case, reader: Reader, language: str, notes: Iterable[Told], files: Files, *, links: bool
) -> list[dict[str, Any]]:
    """The notes as the timeline shows them. `links`: with the ways to correct and to remove."""
    notes = list(notes)
    names = await _names(case, notes)
    with speaking(language):
        return [_event(reader, language, told, names, files, links) for told in notes]


async def _names(case: Case, notes: Iterable[Told]) -> dict[int | None, str]:
    wanted = {who for told in notes for row in (told.note, *([told.removed] if told.removed else []))
              for who in (row.actor_id, row.for_id) if who}  # fmt: skip
    wanted |= {who for told in notes for who in told.mentions}
    rows = await case.session.exec(select(Person).where(col(Person.id).in_(wanted)))
    return {row.id: row.name for row in rows}


def _event(
    reader: Reader, language: str, told: Told, names: Mapping[int | None, str], files: Files, links: bool
) -> dict[str, Any]:
    note, _ = told.note, translate
    name = names[note.actor_id] + (f" ({word(language, 'instead')} {names[note.for_id]})" if note.for_id else "")
    whom = for_whom(note.audience, trajectory=bool(note.trajectory_id))
    event: dict[str, Any] = {
        "at": note.at, "id": f"note-{note.id}", "title": _("%(name)s wrote a note") % {"name": name}, "given": [],
        "who": f"{word(language, f'roles.{note.role}')} · {whom}", "said": told.text, "kind": "note", "posted": [],
    }  # fmt: skip
    if told.removed:
        gone = {"name": names[told.removed.actor_id], "when": moment(told.removed.at)}
        return event | {"text": _("Note removed by %(name)s, %(when)s.") % gone, "said": ""}
    added = [{"when": _("Correction, %(when)s") % {"when": moment(row.at)}, "text": row.text} for row in told.added]
    shown = {"added": added, "more": _more(told, names), "files": files.get(note.id, [])}
    return event | shown | {"links": _links(reader, note) if links else []}


def _more(told: Told, names: Mapping[int | None, str]) -> list[str]:
    _ = translate
    who = ", ".join(sorted(names[one] for one in told.mentions))
    corrected = _("Corrected %(when)s.") % {"when": moment(told.corrected_at)} if told.corrected_at else ""
    return [one for one in (_("Mentioned: %(names)s.") % {"names": who} if who else "", corrected) if one]


def _links(reader: Reader, note: Note) -> list[dict[str, str]]:
    _, links = translate, []
    if may_correct(reader, note):
        label = _("Correct") if now() - note.at <= CORRECTED_WITHIN else _("Add a correction")
        links.append({"href": f"/notes/{note.id}/correct", "label": label})
    if may_remove(reader, note):
        links.append({"href": f"/notes/{note.id}/remove", "label": _("Remove")})
    return links


def for_whom(audience: str, *, trajectory: bool) -> str:
    """Who reads a note, in a few words."""
    _ = translate
    if audience == EVERYONE:
        return _("for everyone on this trajectory") if trajectory else _("for everyone on this question")
    return _("for the people who work on it")

"""The files that a reader may see and remove, as the pages show them, and handing them out."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlmodel import col, select

from intake.access import NotForYou
from intake.filenames import disposition
from intake.noted import seen_notes
from intake.sight import Reader, roles_here, seen_attempts
from schemas.attachments import Attachment, attached, content_of
from schemas.case import Case
from schemas.notes import Told
from schemas.parties import Person
from schemas.rules import Role
from schemas.subjects import Question, Trajectory

_CITY = {
    Role.OWNER,
    Role.SUBMITTER,
    Role.DEPUTY,
    Role.COORDINATOR,
    Role.COMMITTEE,
    Role.CHAIR,
    Role.PRIVACY,
    Role.ADMIN,
}
ADDS = {"question": _CITY | {Role.PARTNER}, "trajectory": _CITY | {Role.BROKER, Role.LECTURER}}
# What a browser may do with a file of ours: save it. Should it show it after all, then as if it came from nowhere.
HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
}


def may_add(reader: Reader, case: Case) -> bool:
    """Whether this reader works on the case's subject, and so may add files to it."""
    return bool(roles_here(reader, case) & ADDS[case.machine.name])


def may_take_away(reader: Reader, one: Attachment, question: Question) -> bool:
    """Who added it, or a coordinator; what came with the form is the submitter's."""
    added = one.by_id if one.by_id is not None else question.submitter_id
    return added == reader.person.id or bool(reader.roles & {Role.COORDINATOR, Role.ADMIN})


async def seen_files(case: Case, reader: Reader, notes: Iterable[Told] | None = None) -> list[Attachment]:
    """The files of a question that this reader may see, with those of trajectories and notes; of a trajectory its own.

    `notes`: those that the reader may read, when they are known already.
    """
    attempts = [case.subject] if isinstance(case.subject, Trajectory) else seen_attempts(
        reader, case.question, case.trajectories)  # fmt: skip
    notes = await seen_notes(case, reader) if notes is None else notes
    read = {told.note.id for told in notes if not told.removed}
    trajectories = {None, *(one.id for one in attempts)}
    rows = await attached(case.session, case.question.id, removed=True)
    return [one for one in rows if one.trajectory_id in trajectories and (one.note_id is None or one.note_id in read)]


async def file_rows(
    case: Case, reader: Reader, files: Iterable[Attachment], base: str = "/files"
) -> list[dict[str, Any]]:
    """Files as the pages list them."""
    files = list(files)
    wanted = {who for one in files for who in (one.by_id or case.question.submitter_id, one.removed_by_id) if who}
    found = await case.session.exec(select(Person).where(col(Person.id).in_(wanted)))
    names: Mapping[int | None, str] = {row.id: row.name for row in found}
    refs = {one.id: one.ref for one in case.trajectories}
    return [
        {
            "file": one, "href": f"{base}/{one.id}", "by": names.get(one.by_id or case.question.submitter_id, ""),
            "removed_by": names.get(one.removed_by_id, ""), "ref": refs.get(one.trajectory_id or 0, ""),
            "remove": base == "/files" and may_take_away(reader, one, case.question),
        }
        for one in files
    ]  # fmt: skip


async def shown_files(case: Case, reader: Reader, base: str, notes: Iterable[Told]) -> dict[str, Any]:
    """What a page about a question or trajectory tells of its files: the list, and those of each note."""
    rows = await file_rows(case, reader, await seen_files(case, reader, notes), base)
    of_notes: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row["file"].note_id:
            of_notes.setdefault(row["file"].note_id, []).append(row)
    return {"files": [row for row in rows if not row["file"].note_id], "of_notes": of_notes}


async def handed_out(request: Request, case: Case, reader: Reader, file_id: int) -> StreamingResponse:
    """A file for somebody who may see it. Raises NotForYou."""
    found = next((one for one in await seen_files(case, reader) if one.id == file_id and one.removed_at is None), None)
    if found is None:
        raise NotForYou
    return download(request, found)


def download(request: Request, one: Attachment) -> StreamingResponse:
    """A file, to be saved."""
    headers = HEADERS | {"Content-Disposition": disposition(one.name), "Content-Length": str(one.size)}
    return StreamingResponse(content_of(request.app.state.engine, one), headers=headers, media_type=one.type)

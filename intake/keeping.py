"""Keeping files that have come in: what is said before, where each belongs, and what is wrong with the others."""

from typing import Any

from fastapi import Request

from intake.filetypes import ACCEPTED
from intake.incoming import Incoming, Sorted
from schemas.attachments import Attachment, attach
from schemas.case import Case
from schemas.database import writing
from schemas.needs import Fault, FaultyNeeds
from schemas.settings import settings
from schemas.subjects import Trajectory


def limits() -> dict[str, Any]:
    """What is said before a file is chosen."""
    known = settings()
    return {"megabytes": known.file_megabytes, "most": known.files_per_question, "at_once": known.files_at_once,
            "accept": ACCEPTED, "scanned": bool(known.clamd)}  # fmt: skip


async def keep_all(request: Request, found: Sorted, **place: Any) -> list[tuple[str, Fault]]:
    """Keep the good ones, each for itself; what is wrong with the others."""
    faults = list(found.faults)
    for one in found.good:
        try:
            async with writing(request.app.state.engine) as session:
                await attach(session, made(one, **place), one.content)
        except FaultyNeeds as error:
            faults += [(one.name, fault) for fault in error.faults]
    return faults


def made(one: Incoming, **place: Any) -> Attachment:
    """The row of a file that has come in."""
    return Attachment(**one.columns(), **place)


def place_of(case: Case) -> dict[str, int]:
    """Where a file belongs that is added to the case's subject."""
    own = {"trajectory_id": case.subject.id} if isinstance(case.subject, Trajectory) else {}
    return {"question_id": case.question.id, **own}

"""What a step would do to each of many subjects: found by taking it and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.desk.bulk import subject_of
from intake.fields import message
from intake.preview import Preview, preview
from intake.sight import Reader
from intake.taking import take
from schemas.database import reading
from schemas.needs import FaultyNeeds
from schemas.steps import Actor, MovedOn, NotYours
from schemas.subjects import Question, Subject, Trajectory
from schemas.words import word


@dataclass(frozen=True)
class Foreseen:
    """One row: where it would lead and which letters to whom, or why it would not happen."""

    ref: str
    title: str
    state: str = ""
    letters: Sequence[Preview] = ()
    refused: str = ""  # moved_on, not_yours, faulty
    said: str = ""


async def foreseen(
    request: Request, reader: Reader, step: str, needs: Mapping[str, Any], refs: Sequence[str], language: str
) -> list[Foreseen]:
    """Every row; nothing of it stays."""
    return [await _one(request, reader, step, needs, ref, language) for ref in refs]


async def _one(
    request: Request, reader: Reader, step: str, needs: Mapping[str, Any], ref: str, language: str
) -> Foreseen:
    led: list[str] = []

    async def take_it(session: AsyncSession, subject: Subject, actor: Actor, given: Mapping[str, Any]) -> None:
        led.append((await take(session, subject, step, actor, given)).state)

    title = ""
    try:
        async with reading(request.app.state.engine) as session:
            subject = await subject_of(session, reader, ref)
            about = subject.question_id if isinstance(subject, Trajectory) else subject.id
            title = (await session.get_one(Question, about)).title
        letters = await preview(request, type(subject), subject.id, take_it, Actor(reader.person.id), needs)
    except MovedOn as error:
        return Foreseen(ref, title, refused="moved_on", said=word(language, f"states.{error.state}.label"))
    except (LookupError, NotYours):
        return Foreseen(ref, title, refused="not_yours")
    except FaultyNeeds as error:
        return Foreseen(ref, title, refused="faulty", said=" ".join(message(language, one) for one in error.faults))
    return Foreseen(ref, title, word(language, f"states.{led[-1]}.label"), letters)

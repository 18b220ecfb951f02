"""Who may use the API, and which question or trajectory of theirs an address means."""

import re
from typing import Annotated, Any

from fastapi import Depends, Path, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from sqlalchemy import String, bindparam
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.access import COOKIE, MaybeReader, NotForYou
from intake.api.problems import Refused, no_such
from intake.language import language_of
from intake.sight import Reader, seen_attempts, sees
from schemas.references import normal
from schemas.subjects import Question, Trajectory

# These two say in the OpenAPI document how to come in; find_reader does the work.
BEARER = HTTPBearer(scheme_name="token", auto_error=False, description="A token, made with `stadsvraag token create`.")
SESSION = APIKeyCookie(name=COOKIE, scheme_name="session", auto_error=False, description="A signed-in browser.")
WRITTEN = re.compile(r"[A-Z0-9.-]{1,40}")
REF: Any = bindparam("ref", type_=String)
QUESTION = select(Question).where(Question.ref == REF)
ATTEMPT = (
    select(Trajectory, Question).join(Question, col(Question.id) == Trajectory.question_id).where(Trajectory.ref == REF)
)
HELD_QUESTION = QUESTION.with_for_update()
HELD_ATTEMPT = ATTEMPT.with_for_update(of=Question)


async def language_here(request: Request, response: Response, reader: MaybeReader) -> str:
    """The language of the answer; `?lang=` or the person's own."""
    request.state.language = language_of(request, reader)
    response.headers["Content-Language"] = request.state.language
    return str(request.state.language)


async def api_reader(
    reader: MaybeReader,
    _language: Annotated[str, Depends(language_here)],
    _token: Annotated[object, Security(BEARER)],
    _session: Annotated[object, Security(SESSION)],
) -> Reader:
    """Whoever is asking. Raises a 401."""
    if reader is None:
        raise Refused("unauthenticated", 401, {"WWW-Authenticate": 'Bearer realm="stadsvraag"'})
    return reader


ApiReader = Annotated[Reader, Depends(api_reader)]
Language = Annotated[str, Depends(language_here)]
Ref = Annotated[str, Path(description="A reference such as `ES-2026-0001-Q`; spaces and small letters do no harm.")]


async def question_of(session: AsyncSession, reader: Reader, ref: str, *, hold: bool = False) -> Question:
    """The question with this reference. Raises a 404, or NotForYou when the reader may not see it.

    `hold`: it is locked, for whoever is going to change it.
    """
    found = None
    if WRITTEN.fullmatch(normal(ref)):
        found = (await session.exec(HELD_QUESTION if hold else QUESTION, params={"ref": normal(ref)})).first()
    if found is None:
        raise no_such(ref)
    if not await sees(session, reader, found):
        raise NotForYou
    return found


async def trajectory_of(session: AsyncSession, reader: Reader, ref: str, *, hold: bool = False) -> Trajectory:
    """The trajectory with this reference. Raises as `question_of`. `hold`: its question is locked."""
    both = (
        (await session.exec(HELD_ATTEMPT if hold else ATTEMPT, params={"ref": normal(ref)})).first()
        if WRITTEN.fullmatch(normal(ref))
        else None
    )
    if both is None:
        raise no_such(ref)
    found, question = both
    if not await sees(session, reader, question, [found]) or not seen_attempts(reader, question, [found]):
        raise NotForYou
    return found

"""Doing what a POST asks once: its answer is kept under its Idempotency-Key in the transaction of the work."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Table, bindparam
from sqlalchemy.exc import DBAPIError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.api.door import ApiReader, Language
from intake.api.problems import HEADERS, Refused
from intake.sight import Reader
from schemas.access import IdempotencyKey
from schemas.database import insert_once, writing
from schemas.moment import now

Made = tuple[BaseModel, str]  # the answer, and the address of what was made
Work = Callable[[AsyncSession], Awaitable[Made]]
TRIES = 5
KEYS: Table = IdempotencyKey.__table__  # type: ignore[attr-defined]
MINE = (KEYS.c.person_id == bindparam("its_person"), KEYS.c.key == bindparam("its_key"))
KNOWN = select(IdempotencyKey).where(*MINE)
KEEP = KEYS.update().where(*MINE).values({name: bindparam(name) for name in ("status", "location", "answer")})
DEADLOCK, NO_SNAPSHOT = "40P01", "40001"
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=255,
        description="The same key with the same request gives the same answer without doing it again.",
    ),
]  # fmt: skip


@dataclass(frozen=True)
class Once:
    """One POST of one person."""

    request: Request
    reader: Reader
    language: str
    key: str | None

    async def do(self, work: Work) -> JSONResponse:
        """201 with what `work` made, after its commit; or what was answered to this key before."""
        for left in reversed(range(TRIES)):
            try:
                async with writing(self.request.app.state.engine) as session:
                    status, content, location = await (self._kept(session, work) if self.key else _fresh(session, work))
                return JSONResponse(
                    content, status, {**HEADERS, "Location": location, "Content-Language": self.language}
                )
            except DBAPIError as error:
                # Two requests that bring the same new people in another order can block one another.
                if not left or getattr(error.orig, "sqlstate", "") not in (DEADLOCK, NO_SNAPSHOT):
                    raise
        raise AssertionError  # the last round returns or raises

    async def _kept(self, session: AsyncSession, work: Work) -> tuple[int, object, str]:
        digest = await self._digest()
        # A rival with the same key is waited for here; when it fails, this one goes on as the first.
        is_first = await insert_once(
            session, IdempotencyKey, person_id=self.reader.person.id, key=self.key, request=digest, status=0,
            answer={}, at=now(),
        )  # fmt: skip
        mine = {"its_person": self.reader.person.id, "its_key": self.key}
        if is_first:
            status, content, location = await _fresh(session, work)
            said = {"status": status, "location": location, "answer": {"content": content}}
            await (await session.connection()).execute(KEEP, mine | said)
            return status, content, location
        row = (await session.exec(KNOWN, params=mine)).one()
        if row.request != digest:
            raise Refused("key-reused", 409)
        return row.status, row.answer["content"], row.location or ""

    async def _digest(self) -> str:
        head = f"{self.request.method} {self.request.url.path}\n".encode()
        return sha256(head + await self.request.body()).hexdigest()


async def _fresh(session: AsyncSession, work: Work) -> tuple[int, object, str]:
    made, location = await work(session)
    return 201, made.model_dump(mode="json"), location


async def once(request: Request, reader: ApiReader, language: Language, key: Key = None) -> Once:
    """For a route that makes something."""
    return Once(request, reader, language, key)


DoOnce = Annotated[Once, Depends(once)]

"""Files on their way in: a form that throws the too large away while it comes, and the checks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser

from intake.body_limit import MEGABYTE, file_limit
from intake.filenames import clean_name
from intake.filetypes import check_content
from intake.packed import refuse
from intake.scanner import scanned
from schemas.needs import Fault, FaultyNeeds
from schemas.settings import settings


class _Parser(MultiPartParser):
    """Of a file that is too large the rest is thrown away, so that what was typed beside it is not lost.

    What is no file is held in memory: of that there may be as much as in any other form.
    """

    words = 0

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        part: Any = self._current_part
        part.seen = getattr(part, "seen", 0) + end - start
        self.words += 0 if part.file else end - start
        if self.words > MEGABYTE:
            raise MultiPartException("Too much text in one form.")
        if part.file is None or part.seen <= file_limit():
            super().on_part_data(data, start, end)
        else:
            part.file.too_large = True


@asynccontextmanager
async def form_with_files(request: Request) -> AsyncIterator[FormData]:
    """As `request.form()`, for a form that may carry files."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form() as plain:
            yield plain
        return
    try:
        sent = await _Parser(request.headers, request.stream(), max_files=100, max_fields=500).parse()
    except MultiPartException as fault:
        raise HTTPException(400, fault.message) from None
    try:
        yield sent
    finally:
        await sent.close()


@dataclass(frozen=True)
class Incoming:
    """One file that may be kept."""

    name: str
    type: str
    size: int
    sha256: str
    scanned: bool
    content: BinaryIO

    def columns(self) -> dict[str, Any]:
        """What is kept of it beside its content."""
        return {part: getattr(self, part) for part in ("name", "type", "size", "sha256", "scanned")}


@dataclass
class Sorted:
    """The files of a form: those that can be kept, and what is wrong with the others."""

    good: list[Incoming] = field(default_factory=list)
    faults: list[tuple[str, Fault]] = field(default_factory=list)  # name, fault


async def files_in(sent: FormData, name: str = "files") -> Sorted:
    """Look at every file that was chosen; what is right does not suffer from what is wrong."""
    found = Sorted()
    chosen = [one for one in sent.getlist(name) if isinstance(one, UploadFile) and (one.filename or one.size)]
    for n, one in enumerate(chosen):
        known = clean_name(one.filename or "")
        try:
            if n >= settings().files_at_once:
                raise refuse("files", "files_at_once", str(settings().files_at_once))
            if getattr(one, "too_large", False):
                raise refuse("files", "file_too_large", str(settings().file_megabytes))
            found.good.append(await inspect(one.file, known))
        except FaultyNeeds as error:
            found.faults += [(known, fault) for fault in error.faults]
    return found


async def inspect(content: BinaryIO, name: str) -> Incoming:
    """A file with what it is. Raises FaultyNeeds."""
    size, digest, kind = await run_in_threadpool(_look, content, name)
    clean = await scanned(content)
    content.seek(0)
    return Incoming(name, kind, size, digest, clean, content)


def _look(content: BinaryIO, name: str) -> tuple[int, str, str]:
    content.seek(0)
    digest, size = sha256(), 0
    while piece := content.read(MEGABYTE):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest(), check_content(content, size, name)


@asynccontextmanager
async def body_as_file(request: Request) -> AsyncIterator[BinaryIO]:
    """The body of a request, on disk when it is large. Raises FaultyNeeds as soon as it is too large."""
    with SpooledTemporaryFile(max_size=MEGABYTE) as kept:
        size = 0
        async for piece in request.stream():
            size += len(piece)
            if size > file_limit():
                raise refuse("files", "file_too_large", str(settings().file_megabytes))
            await run_in_threadpool(kept.write, piece)
        yield cast("BinaryIO", kept)

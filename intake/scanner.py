"""A virus scanner, if there is one: clamd, asked over a socket in its own tongue (INSTREAM)."""

import asyncio
from typing import BinaryIO
from urllib.parse import urlsplit

from schemas.needs import Fault, FaultyNeeds
from schemas.settings import settings

PIECE = 64 * 1024
PATIENCE = 30.0  # seconds for the whole of it


async def scanned(content: BinaryIO) -> bool:
    """Whether the scanner has looked and found nothing; False without one.

    Raises FaultyNeeds for a virus, and when the scanner cannot be asked: what nobody has looked at is not kept.
    """
    where = settings().clamd
    if not where:
        return False
    try:
        async with asyncio.timeout(PATIENCE):
            said = await _ask(where, content)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        raise FaultyNeeds([Fault("files", "file_unscanned")]) from None
    if said.endswith("FOUND"):
        raise FaultyNeeds([Fault("files", "file_virus")])
    if not said.endswith("OK"):
        raise FaultyNeeds([Fault("files", "file_unscanned")])
    return True


async def _ask(where: str, content: BinaryIO) -> str:
    reader, writer = await _connect(where)
    try:
        writer.write(b"zINSTREAM\0")
        content.seek(0)
        while piece := content.read(PIECE):
            writer.write(len(piece).to_bytes(4, "big") + piece)
            await writer.drain()
        writer.write(bytes(4))
        await writer.drain()
        return (await reader.readuntil(b"\0")).rstrip(b"\0").decode(errors="replace").strip()
    finally:
        writer.close()


async def _connect(where: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(where)
    if address.scheme == "unix":
        return await asyncio.open_unix_connection(address.path)
    return await asyncio.open_connection(address.hostname or "127.0.0.1", address.port or 3310)

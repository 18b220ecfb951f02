"""The virus scanner: a real server speaks clamd's INSTREAM; without a good answer nothing is kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from io import BytesIO

import pytest

from intake.scanner import PIECE, scanned
from schemas.needs import FaultyNeeds
from schemas.settings import settings

pytestmark = pytest.mark.anyio
SIGN = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"


class Clamd:
    """As much of clamd as INSTREAM needs."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.limit = 10**7

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            assert size <= PIECE
            content += await reader.readexactly(size)
            if len(content) > self.limit:
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                break
        else:
            self.seen.append(content)
            writer.write(b"stream: Eicar-Signature FOUND\0" if SIGN in content else b"stream: OK\0")
        await writer.drain()
        writer.close()


Use = Callable[[str], None]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    return lambda where: monkeypatch.setattr(settings(), "clamd", where)


@pytest.fixture
async def clamd(use: Use) -> AsyncIterator[Clamd]:
    made = Clamd()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    use(f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    async with server:
        yield made


async def test_a_clean_file_is_seen_whole(clamd: Clamd) -> None:
    content = bytes(range(256)) * 1000
    assert await scanned(BytesIO(content)) is True
    assert clamd.seen == [content]


async def test_a_virus_is_refused(clamd: Clamd) -> None:
    with pytest.raises(FaultyNeeds, match="file_virus"):
        await scanned(BytesIO(b"x" * PIECE + SIGN))


async def test_what_the_scanner_cannot_judge_is_not_kept(clamd: Clamd) -> None:
    clamd.limit = PIECE
    with pytest.raises(FaultyNeeds, match="file_unscanned"):
        await scanned(BytesIO(b"x" * PIECE * 20))


async def test_a_scanner_that_is_away_keeps_files_out(use: Use) -> None:
    use("tcp://127.0.0.1:1")
    with pytest.raises(FaultyNeeds, match="file_unscanned"):
        await scanned(BytesIO(b"x"))


async def test_over_a_unix_socket(use: Use, tmp_path_factory: pytest.TempPathFactory) -> None:
    made, where = Clamd(), tmp_path_factory.mktemp("s") / "c"
    async with await asyncio.start_unix_server(made.serve, str(where)):
        use(f"unix://{where}")
        assert await scanned(BytesIO(b"x")) is True


async def test_without_a_scanner_nothing_is_pretended(use: Use) -> None:
    use("")
    assert await scanned(BytesIO(b"x")) is False

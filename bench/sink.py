"""`python -m bench.sink PORT FILE`: a mail server that says yes and writes down when; as light as can be."""

import asyncio
import sys
import time
from pathlib import Path


class Sink(asyncio.Protocol):
    """One connection. It reads lines, and after DATA everything up to the single point."""

    def __init__(self, arrived: Path) -> None:
        self._arrived, self._rest, self._in_text = arrived, b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        self._out.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while self._taken():
            pass

    def _taken(self) -> bool:
        end = b"\r\n.\r\n" if self._in_text else b"\r\n"
        found, mark, rest = self._rest.partition(end)
        if not mark:
            return False
        self._rest = rest
        if self._in_text:
            with self._arrived.open("a") as lines:
                lines.write(f"{time.time()}\n")
            self._in_text = False
            self._out.write(b"250 taken\r\n")
        else:
            self._answer(found[:4].upper())
        return True

    def _answer(self, verb: bytes) -> None:
        self._in_text = verb == b"DATA"
        said = {b"DATA": b"354 go on", b"EHLO": b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8", b"QUIT": b"221 bye"}
        self._out.write(said.get(verb, b"250 ok") + b"\r\n")
        if verb == b"QUIT":
            self._out.close()


async def main() -> None:
    port, arrived = int(sys.argv[1]), Path(sys.argv[2])
    server = await asyncio.get_running_loop().create_server(lambda: Sink(arrived), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

"""How many letters a second leave through the whole of sending: claimed, rendered, posted over SMTP, stamped durably.

`python -m bench.delivery [--letters 800] [--connections 4] [URL]`, on a fresh SQLite database or an empty one at URL.
In the same run: the bare rate, aiosmtplib sending one ready message over and over, on as many connections. The server
is aiosmtpd in a process of its own. CPU seconds are ours alone, and say what the figure would be on idle cores.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiosmtplib import SMTP

from bench.letters import CASES, mail_server, tell, written

SEED = 500  # letters in one insert


def settle_on(url: str, port: int, connections: int, home: Path) -> None:
    """The settings of this process."""
    os.environ |= {
        "STADSVRAAG_SECRET_KEY": "for-measuring-only-0123456789abcdef", "STADSVRAAG_DATABASE_URL": url,
        "STADSVRAAG_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none", "STADSVRAAG_DATA_DIR": str(home),
        "STADSVRAAG_MAIL_CONNECTIONS": str(connections),
    }  # fmt: skip


async def bare(port: int, count: int, connections: int) -> float:
    """Letters a second of one ready message, without anything of ours."""
    ready, left = written(0), iter(range(count))

    async def lane() -> None:
        async with SMTP(hostname="127.0.0.1", port=port, start_tls=False) as line:
            for _ in left:
                await line.send_message(ready)

    begun = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(connections)))
    return count / (time.perf_counter() - begun)


@asynccontextmanager
async def house(url: str, count: int) -> AsyncIterator[Any]:
    """An engine on a database with the example city and so many letters owed."""
    from schemas.database import open_engine, writing
    from schemas.ledger import Letter
    from schemas.letters import new_message_id
    from tests.databases import fill

    await fill(url)
    engine = open_engine(url)
    for first in range(0, count, SEED):
        async with writing(engine) as session:
            for number in range(first, min(first + SEED, count)):
                name, language, facts = CASES[number % len(CASES)]
                session.add(Letter(name=name, recipient_id=1, email="amira@example.org", language=language,
                                   facts=facts | {"sign_in_link_id": 1}, message_id=new_message_id()))  # fmt: skip
    yield engine
    await engine.dispose()


async def whole(url: str, count: int) -> tuple[float, float]:
    """Letters a second through all of it, and our CPU seconds for each."""
    from sqlalchemy import true

    from flows.post import send
    from flows.work import Hands, Work
    from notifications.letters import compiled

    for name, language, _ in CASES:
        compiled(name, language)
    async with house(url, count) as engine:
        sent, begun, cpu = 0, time.perf_counter(), time.process_time()
        while sent < count:
            work = Work("deliver", Hands(engine))
            await send(work, true())
            assert work.sent.keys() == {"sent"}, work.sent
            sent += work.sent["sent"]
        return count / (time.perf_counter() - begun), (time.process_time() - cpu) / count


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--letters", type=int, default=800)
    asked.add_argument("--connections", type=int, default=4)
    asked.add_argument("url", nargs="?", default="")
    given = asked.parse_args()

    with mail_server() as port, tempfile.TemporaryDirectory() as home:
        url = given.url or f"sqlite+aiosqlite:///{home}/bench.db"
        settle_on(url, port, given.connections, Path(home))
        plain = asyncio.run(bare(port, given.letters, given.connections))
        rate, cpu = asyncio.run(whole(url, given.letters))
    tell("bare aiosmtplib, one ready message", plain)
    tell("claimed, rendered, posted and stamped", rate, f"letters/s ({rate / plain:.0%} of bare)")
    tell("our CPU for each letter", cpu * 1000, "ms")


if __name__ == "__main__":
    main()

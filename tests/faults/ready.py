"""A process that has played the story already, so that its forks begin in a moment: they know every statement.

The databases go by a name that a fork gives its own meaning: a file in the directory it works in, and for PostgreSQL
the database that PGDATABASE names.
"""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from flows.runner import QUIETLY
from schemas.settings import settings

os.environ.update(QUIETLY)

from tests.databases import Postgres, fill
from tests.faults.boundaries import Boundaries
from tests.faults.doomed import story, story_beside
from tests.faults.hunt import MAIL_COMES_IN
from tests.faults.townsfolk import let_in
from tests.flows.place import Mailbox, environment

SQLITE = "sqlite+aiosqlite:///file:city.db?uri=true"


def settle_on(url: str, mail: str, home: Path, connections: int) -> Mapping[str, str]:
    """The settings of a fork."""
    more = {"STADSVRAAG_MAIL_CONNECTIONS": str(connections), "STADSVRAAG_MAIL_TIMEOUT": "5"}
    return environment(url, mail, "http://127.0.0.1:9/api", home) | MAIL_COMES_IN | more


async def rehearse(url: str) -> None:
    """In a database of its own."""
    await fill(url)
    await let_in(url)
    await story(Boundaries(), lambda _: None)
    await story_beside(Boundaries(), lambda _: None)


def rehearsed() -> None:
    """Once on each database that there is."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mailbox, here, server = Mailbox().start(), Path.cwd(), Postgres()
        stack.callback(mailbox.stop)
        stack.callback(os.chdir, here)
        os.chdir(home)
        urls = [SQLITE]
        if server.reachable() is None:
            os.environ["PGDATABASE"] = stack.enter_context(server.database())
            urls.append(server.url(""))
        for url in urls:
            os.environ.update(settle_on(url, mailbox.url, home, 2))
            settings.cache_clear()
            asyncio.run(rehearse(url))


rehearsed()

"""Keep a database of the release at hand, with a question in every state: `python -m tests.golden.make FILE`.

Made once for each release, from its own code, and never changed afterwards.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from schemas.backup.whole import backup
from schemas.database import open_engine, writing
from schemas.process import MACHINES
from tests.cast import Cast
from tests.databases import fill, sqlite_url
from tests.story import Story


async def every_state(engine: AsyncEngine) -> None:
    """A question and a trajectory in each state, by real steps."""
    tell = Story(await Cast.of(engine))
    for machine, found in MACHINES.items():
        for state in found.states:
            async with writing(engine) as session:
                await tell.state(session, machine, state)


async def main(path: Path) -> None:
    """The file."""
    with tempfile.TemporaryDirectory() as folder:
        await fill(url := sqlite_url(Path(folder) / "made.db"))
        engine = open_engine(url)
        await every_state(engine)
        await engine.dispose()
        await backup(url, path, lambda stage, more, total: None)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

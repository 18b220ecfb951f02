"""One question from form to result, the process killed with -9 at every boundary there is, and taken up again.

So is what no step waits for: what a question can reach, letters about a hand-in day, digests, mail that comes in.
A boundary is the moment before and after each commit, each SMTP command, each text and each reply, and each time that
messages are taken out of the box or put apart. After each kill the
database is reopened by a new process, in which people send their requests again under the same keys. In the end there
is exactly what there is without a kill: the same steps, the same letters, each acknowledged answer the same.

In every run: each boundary of the first two requests on SQLite, and a sample elsewhere. At night: all of both.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.databases import Postgres, sqlite_url
from tests.faults.hunt import Fresh, Hunt, told
from tests.faults.nursery import Nursery
from tests.faults.townsfolk import let_in
from tests.flows.place import Mailbox

BY_NAME = "sqlite+aiosqlite:///file:city.db?uri=true"  # in the directory where a process works


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    prepared = Nursery("tests.faults.ready")
    yield prepared
    prepared.close()


@pytest.fixture
def on_sqlite(sqlite_city: Path, tmp_path: Path) -> Fresh:
    """Copies of a file in which people are let in."""
    template = Path(shutil.copy(sqlite_city, tmp_path / "template.db"))
    asyncio.run(let_in(sqlite_url(template)))

    @contextmanager
    def fresh(room: Path) -> Iterator[dict[str, str]]:
        shutil.copy(template, room / "city.db")
        yield {"STADSVRAAG_DATABASE_URL": BY_NAME}
        shutil.rmtree(room)

    return fresh


@pytest.fixture
def on_postgres(postgres: Postgres, postgres_city: str) -> Iterator[Fresh]:
    """Databases of the server, copied from one in which people are let in."""
    with postgres.database(postgres_city) as template:
        asyncio.run(let_in(postgres.url(template)))

        @contextmanager
        def fresh(room: Path) -> Iterator[dict[str, str]]:
            with postgres.database(template) as name:
                yield {"STADSVRAAG_DATABASE_URL": postgres.url(""), "PGDATABASE": name}
            shutil.rmtree(room)

        yield fresh


@pytest.fixture
def fresh(request: pytest.FixtureRequest) -> Fresh:
    made: Fresh = request.getfixturevalue(f"on_{request.param}")
    return made


def hunted(hunt: Hunt, first: int, each: int) -> str:
    boundaries = range(first, hunt.undisturbed() + 1, each)
    hunt.killed_at(boundaries)
    return told(hunt, f"until {hunt.until or 'the result'}")


SOME = [
    pytest.param("sqlite", "accept", 1, id="sqlite-each"),
    pytest.param("sqlite", "beside", 8, id="sqlite-beside"),
    pytest.param("sqlite", "", 60, id="sqlite-whole"),
    pytest.param("postgres", "", 80, id="postgres-whole", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize(("fresh", "until", "each"), SOME, indirect=["fresh"])
def test_a_kill_at_each(
    fresh: Fresh, until: str, each: int, nursery: Nursery, tmp_path: Path, mailbox: Mailbox,
    figure: Callable[[str], None],
) -> None:  # fmt: skip
    figure(hunted(Hunt(tmp_path, mailbox, nursery, fresh, until), 1, each))


@pytest.mark.nightly
@pytest.mark.parametrize("until", ["", "beside"])
@pytest.mark.parametrize("fresh", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_kill_at_every_one(
    fresh: Fresh, until: str, nursery: Nursery, tmp_path: Path, mailbox: Mailbox, figure: Callable[[str], None]
) -> None:
    figure(hunted(Hunt(tmp_path, mailbox, nursery, fresh, until), 1, 1))

"""Whoever opens the links of our letters, as scanners do, changes nothing: the whole database stays as it is."""

from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from flows.links import links_of, off_link
from schemas.database import reading, writing
from schemas.ledger import Letter
from schemas.tables import METADATA
from tests.cast import Cast
from tests.conftest import SignIn
from tests.story import Story

KINDS = {"l", "s", "m", "u", "questions", "sign-in", "ask"}
TIMES = [("sqlite", 100), pytest.param("postgres", 4, marks=pytest.mark.postgres)]


async def everything(engine: AsyncEngine) -> dict[str, list[Any]]:
    """Every row of every table."""
    async with engine.connect() as connection:
        return {
            name: [tuple(row) for row in await connection.execute(table.select().order_by(*table.primary_key))]
            for name, table in METADATA.tables.items()
        }


async def every_letter(engine: AsyncEngine) -> list[Letter]:
    async with reading(engine) as session:
        return list(await session.exec(select(Letter).order_by(Letter.id)))  # type: ignore[arg-type]


@pytest.fixture
async def links(
    engine: AsyncEngine, cast: Cast, tell: Story, visitor: httpx2.AsyncClient, browser_as: SignIn
) -> dict[str, list[str]]:
    """The paths of all links in letters of every kind there is, by their first word."""
    async with writing(engine) as session:
        await tell.redirected(session)
        await tell.submitted(session)
        await tell.delivered(session)
    await visitor.post("/sign-in", data={"email": cast.amira.email})
    draft = (await visitor.post("/ask")).headers["location"].rsplit("/", 1)[0]
    await visitor.post(f"{draft}/2", data={"submitter_name": "Amira", "submitter_email": cast.amira.email})
    await visitor.post(f"{draft}/resume")
    greta = await browser_as(cast.greta)
    invited = {"name": "Nel", "email": "nel@example.org", "language": "nl", "organisation": "ut", "role": "broker"}
    await greta.post("/people", data=invited)
    offer = next(one for one in await every_letter(engine) if one.name == "offer")
    await visitor.post(f"{urlsplit(links_of(offer)['act']).path}/new")
    found: dict[str, list[str]] = {}
    for letter in await every_letter(engine):
        for link in filter(None, (*links_of(letter).values(), off_link(letter))):
            path = urlsplit(link).path
            found.setdefault(path.split("/")[1], []).append(path)
    return found


@pytest.mark.parametrize(("database", "times"), TIMES, indirect=["database"])
async def test_a_hundred_looks_at_every_kind_of_link_change_nothing(
    links: dict[str, list[str]], times: int, engine: AsyncEngine, visitor: httpx2.AsyncClient,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert set(links) == KINDS
    before, asked = await everything(engine), 0
    for paths in links.values():
        for path in dict.fromkeys(paths):
            for again in range(times if path == paths[-1] else 1):
                seen, head = await visitor.get(path), await visitor.head(path)
                assert seen.status_code in (200, 303), path
                assert (head.status_code, head.content) == (seen.status_code, b"")
                asked += 2
                if not again and path.startswith("/l/"):
                    for inner in ("sent", "steps/take_on", "steps/accept_result", "steps/correct_contact"):
                        await visitor.get(f"{path}/{inner}")
                        await visitor.head(f"{path}/{inner}")
                        asked += 2
    assert await everything(engine) == before
    with capsys.disabled():
        print(f"\n{engine.dialect.name}: {asked} looks at links of {len(links)} kinds changed nothing")  # noqa: T201

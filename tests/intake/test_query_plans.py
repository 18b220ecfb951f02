"""With many questions no query of the desk reads a whole table: the database explains each statement it is sent."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.many import fill_with
from intake.mail_figures import figures
from schemas.database import reading
from tests.cast import Cast
from tests.conftest import SignIn

pytestmark = pytest.mark.anyio
MANY = 4_000
BIG = ("question", "trajectory", "entry", "letter")
SCAN = re.compile(rf"SCAN ({'|'.join(BIG)})(_\d+)?\b")  # under a name of its own too
ADDRESSES = (
    "/desk", "/desk?view=mine", "/desk?view=new", "/desk?view=others", "/desk?view=late", "/desk?view=risk",
    "/desk?view=hold", "/desk?view=all&sort=title&after=50~Vraag+2&nr=2001", "/desk?view=open&sort=here&order=down",
    "/desk?view=open&city=enschede&challenge=energie&institution=ut&sort=ref", "/desk?view=open&person=amira",
    "/desk?text=fietsen", "/desk?text=zeldzaam", "/desk?text=een+weg&view=open", "/api/v1/questions?text=zeldzaam",
    "/api/v1/views", "/api/v1/questions?view=late", "/api/v1/questions?view=risk",
    "/board", "/board?institution=ut&challenge=energie", "/board?term=ut:2026/27:2B&after=50~",
)  # fmt: skip
COORDINATORS = (
    "/mail", "/api/v1/mail/health", "/meetings", "/results", "/questions/XX-2026-000072",
    "/questions/XX-2026-000072/steps/reject", "/questions/XX-2026-000072/steps/ask_back",
)  # fmt: skip
Sent = list[tuple[str, Any]]


@contextmanager
def listening(engine: AsyncEngine) -> Iterator[Sent]:
    """The statements that are sent meanwhile, with what was filled in."""
    sent: Sent = []

    def note(_: object, __: object, statement: str, parameters: Any, ___: object, many: bool) -> None:
        if statement.lstrip().startswith("SELECT") and not many:
            sent.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine.sync_engine, "before_cursor_execute", note)


async def scans(engine: AsyncEngine, statement: str, parameters: Any) -> list[str]:
    """The big tables that a statement reads from one end to the other."""
    plan = await plan_of(engine, statement, parameters)
    if engine.dialect.name == "postgresql":
        return list(_sequential(json.loads(plan)))
    return [found[1] for found in SCAN.finditer(plan)]


async def plan_of(engine: AsyncEngine, statement: str, parameters: Any) -> str:
    """How a database goes about a statement."""
    postgres = engine.dialect.name == "postgresql"
    async with engine.connect() as connection:
        if postgres:  # of a few thousand rows it may rightly read all; asked is whether it would have to of millions
            await connection.exec_driver_sql("SET enable_seqscan = off")
        how = "EXPLAIN (FORMAT JSON) " if postgres else "EXPLAIN QUERY PLAN "
        rows = (await connection.exec_driver_sql(how + statement, parameters)).all()
    if postgres:
        return rows[0][0] if isinstance(rows[0][0], str) else json.dumps(rows[0][0])
    return "\n".join(row[-1] for row in rows)


def _sequential(part: Any) -> Iterator[str]:
    if isinstance(part, dict) and part.get("Node Type") == "Seq Scan" and part["Relation Name"] in BIG:
        yield part["Relation Name"]
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _sequential(one)


async def test_no_query_of_the_desk_reads_a_whole_table(
    app: FastAPI, engine: AsyncEngine, cast: Cast, browser_as: SignIn
) -> None:
    await fill_with(engine, MANY)
    wrong, looked = [], set[str]()
    for person in (cast.bram, cast.eva, cast.femke, cast.chen, cast.amira):
        browser = await browser_as(person)
        for address in (*ADDRESSES, *(COORDINATORS if person is cast.bram else ())):
            with listening(app.state.engine) as sent:
                status = (await browser.get(address)).status_code
                refused = address.startswith("/board") and person not in (cast.bram, cast.eva)
                assert status == (403 if refused else 200), address
            for statement, parameters in sent:
                if statement not in looked:
                    looked.add(statement)
                    found = await scans(engine, statement, parameters)
                    wrong += [f"{person.name} {address}: {found}\n{statement}"] if found else []
    assert len(looked) > 50
    assert wrong == []


async def test_letters_in_a_rare_state_are_found_among_those_alone(engine: AsyncEngine, cast: Cast) -> None:
    """The state is written out: PostgreSQL keeps a plan for all states else, made for the commonest."""
    await fill_with(engine, MANY)
    with listening(engine) as sent:
        async with reading(engine) as session:
            await figures(session)
    about = [one for one in sent if "letter.state IN ('" in one[0] and "'sent'" not in one[0]]
    assert len(about) == 3
    for statement, parameters in about:
        plan = await plan_of(engine, statement, parameters)
        assert "ix_letter_due" in plan or "ix_letter_trouble" in plan, statement
        assert "ix_letter_owed" not in plan, statement


async def test_a_scan_would_be_seen(app: FastAPI, engine: AsyncEngine) -> None:
    await fill_with(engine, 1_000)
    empty: Any = ()
    assert await scans(engine, "SELECT id FROM question WHERE language LIKE '%x%'", empty) == ["question"]
    assert await scans(engine, "SELECT id FROM question WHERE id = 3", empty) == []

"""The API at work, and what a program sends to it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pytest

from tests.cast import Cast, Somebody
from tests.conftest import SignIn

Body = Callable[..., dict[str, Any]]
ApiAs = Callable[[Somebody], Awaitable[httpx2.AsyncClient]]


@pytest.fixture
async def api_as(program_as: SignIn) -> AsyncIterator[ApiAs]:
    """As `program_as`, with addresses below /api/v1; one client per person."""
    known: dict[int, httpx2.AsyncClient] = {}

    async def open_api(person: Somebody) -> httpx2.AsyncClient:
        if person.id not in known:
            known[person.id] = await program_as(person)
            known[person.id].base_url = known[person.id].base_url.join("/api/v1")
        return known[person.id]

    yield open_api  # noqa: PT022 - the clients are closed by program_as


@pytest.fixture
def body(cast: Cast) -> Body:
    """The body of a question of Amira's, valid as it is; keywords change it, None leaves a field out."""

    def make(**changes: Any) -> dict[str, Any]:
        whole = {
            "title": "Waar stallen bezoekers hun fiets het liefst?",
            "situation": "Op zaterdag staan honderden fietsen in de looproutes.",
            "wanted": "Een kaart van plekken, en waarom juist daar.",
            "use": "In het voorjaar beslist de raad over twee stallingen.",
            "city": "Enschede",
            "department": "Mobiliteit",
            "owner": {"name": cast.amira.name, "email": cast.amira.email},
            "deputy": {"name": cast.hanna.name, "email": cast.hanna.email},
            "challenge": "Bereikbaarheid",
            "needed_by": "2027-09-01",
            "confidential": False,
            "time_available": "few_meetings",
            "manager_agrees": True,
            "language": "nl",
        } | changes
        return {name: value for name, value in whole.items() if value is not None}

    return make

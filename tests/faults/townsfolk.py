"""What people do with one question, each thing over the API under a key of its own: doing it again changes nothing."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import httpx2
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import update

from schemas.access import ApiToken
from schemas.database import open_engine, writing
from schemas.kinds import How, Kind
from schemas.parties import Person
from tests.cast import Cast, Somebody, needs_for

if TYPE_CHECKING:
    from fastapi import FastAPI

CAST = ("amira", "bram", "femke", "chen")
WAY = (
    ("femke", "take_on"), ("femke", "place"), ("amira", "agree"), ("chen", "agree"), ("chen", "start"),
    ("chen", "deliver"), ("amira", "accept_result"),
)  # fmt: skip
QUESTION = {
    "title": "Waar stallen bezoekers hun fiets het liefst?", "situation": "Op zaterdag staan er honderden fietsen.",
    "wanted": "Een kaart van plekken.", "use": "In het voorjaar beslist de raad.", "city": "Enschede",
    "department": "Mobiliteit", "challenge": "Bereikbaarheid", "needed_by": "2027-09-01", "confidential": False,
    "time_available": "few_meetings", "manager_agrees": True, "language": "nl",
}  # fmt: skip


def secret_of(name: str) -> str:
    return f"token-of-{name}-for-tests"


async def let_in(url: str) -> None:
    """Give each of them a token; all of them want every letter at once, so that each can be waited for."""
    engine = open_engine(url)
    cast = await Cast.of(engine)
    async with writing(engine) as session:
        await session.exec(update(Person).values(mail={Kind.INTERNAL: How.NOW}))
        for name in CAST:
            digest = sha256(secret_of(name).encode()).hexdigest()
            session.add(ApiToken(digest=digest, person_id=cast.all[name].id))
    await engine.dispose()


def question(owner: Somebody, deputy: Somebody, **changes: Any) -> dict[str, Any]:
    """The body of a question, valid as it is."""
    people = {
        "owner": {"name": owner.name, "email": owner.email},
        "deputy": {"name": deputy.name, "email": deputy.email},
    }
    return QUESTION | people | changes


@dataclass
class Story:
    """One question from the form to an accepted result. `heard`: what was acknowledged, in order."""

    cast: Cast
    clients: dict[str, httpx2.AsyncClient]
    acknowledged: Callable[[dict[str, Any]], None]
    until: str = ""  # the last thing that they do; all of it otherwise
    answers: list[dict[str, Any]] = field(default_factory=list)

    async def post(self, who: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """One request; it is remembered only once it has been answered with a 2xx."""
        key = f"request {len(self.answers)}"
        answer = await self.clients[who].post(f"/api/v1/{path}", json=body, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()
        self.answers.append(said)
        self.acknowledged(said)
        return said

    async def tell(self) -> AsyncIterator[str]:
        """Each thing after the other; yields what was done."""
        cast = self.cast
        ref = (await self.post("amira", "questions", question(cast.amira, cast.hanna)))["ref"]
        yield "submit"
        await self.post("bram", f"questions/{ref}/steps", {"step": "accept", "needs": {"route": "thesis"}})
        yield "accept"
        if self.until == "accept":
            return
        offer = await self.post("bram", f"questions/{ref}/trajectories", needs_for("offer", cast))
        yield "offer"
        for who, step in WAY:
            await self.post(who, f"trajectories/{offer['ref']}/steps", {"step": step, "needs": needs_for(step, cast)})
            yield step
            if self.until == step:
                return


@lru_cache
def application() -> "FastAPI":
    """The real application; its engines are kept, with what they know of statements."""
    import intake.app

    intake.app.open_engine = lru_cache(open_engine)
    return intake.app.create_app()


@asynccontextmanager
async def front_door() -> AsyncIterator[tuple[AsyncEngine, dict[str, httpx2.AsyncClient]]]:
    """The application open for these people in this process."""
    app = application()
    async with app.router.lifespan_context(app), AsyncExitStack() as stack:
        yield app.state.engine, {name: await stack.enter_async_context(_client(app, name)) for name in CAST}


def _client(app: "FastAPI", name: str) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {secret_of(name)}"}
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://stad.example.org", headers=headers)

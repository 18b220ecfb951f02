"""What the example city's people do with one played question, each thing over HTTP; endings.py strings it together."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from stadsvraag.play import Stage, Stopped
from stadsvraag.played import Attempt

SCORES = ("relevance", "learning", "openness", "feasibility", "use")
Person = Mapping[str, str]


class Life:
    """One question and the people around it. `dice` decides what may differ; the same dice give the same life."""

    def __init__(self, stage: Stage, topics: Mapping[str, Any], dice: Random, key: str) -> None:
        self.stage, self.topics, self.dice, self.key = stage, topics, dice, key
        self.owner = dice.choice([one for one in stage.people if one["role"] in ("submitter", "owner")])
        self.coordinator = stage.who("coordinator")[0]
        self.asked_of: list[str] = []  # institutions that have had an offer
        self.ref = ""
        self._done = 0

    async def do(self, person: Person, path: str, body: Mapping[str, Any]) -> Any:
        """POST, with a key of its own within this life."""
        self._done += 1
        return await self.stage.do(person, path, body, f"{self.key}:{self._done}")

    async def step(self, person: Person, step: str, path: str = "", **needs: Any) -> None:
        """A step on the question, or on the trajectory at `path`."""
        await self.do(person, f"{path or f'/questions/{self.ref}'}/steps", {"step": step, "needs": needs})

    async def state(self) -> str:
        return str((await self.stage.ask(self.coordinator, f"/questions/{self.ref}"))["state"])

    async def asks(self) -> str:
        """A new question, whose reference is this life's from now on."""
        self.ref = (await self.do(self.owner, "/questions", self._question()))["ref"]
        return self.ref

    def _question(self) -> dict[str, Any]:
        topic, place = self.dice.choice(self.topics["topics"]), self.dice.choice(self.topics["places"])
        deputy = next(one for one in self.stage.who("deputy") if one["email"] != self.owner["email"])
        return {
            **{name: topic[name].format(place=place) for name in ("title", "situation", "wanted", "use")},
            "city": self.owner["organisation"], "department": "Wijken", "challenge": topic["challenge"],
            "owner": {"name": self.owner["name"], "email": self.owner["email"]},
            "deputy": {"name": deputy["name"], "email": deputy["email"]},
            "confidential": False, "time_available": "few_meetings", "manager_agrees": True, "language": "nl",
        }  # fmt: skip

    async def decided(self, vote: str = "accept", **more: str) -> None:
        """Screened, put forward, and voted on until the committee has decided."""
        advice: dict[str, Any] = {
            "scores": {name: str(self.dice.randint(1, 3)) for name in SCORES}, "advice": vote,
            "route": self.dice.choice(["programme", "minor", "any"]), "explanation": "Open vraag met een eigenaar.",
        }  # fmt: skip
        await self.step(self.coordinator, "put_forward", **advice)
        await self.voted(vote, **more)

    async def voted(self, vote: str = "accept", **more: str) -> None:
        members = [*self.stage.who("chair"), *self.stage.who("committee")]
        self.dice.shuffle(members)
        for member in members:
            if (await self.stage.ask(member, f"/questions/{self.ref}"))["state"] != "triage":
                break
            body = {"vote": vote, "reason": "Goede vraag.", **more}
            await self.do(member, f"/questions/{self.ref}/votes", body)

    async def offered(self) -> Attempt:
        """Offered to one that fits best, can still be reached and has not been asked before."""
        matches = (await self.stage.ask(self.coordinator, f"/questions/{self.ref}/matches"))["items"]
        found = [one for one in matches if one["reachable"] and one["institution"] not in self.asked_of][:5]
        if not found:
            raise Stopped(f"{self.ref}: no offering in the catalogue can still be reached")
        chosen = self.dice.choice(found)
        self.asked_of.append(chosen["institution"])
        body = {name: chosen[name] for name in ("institution", "offering")} | {"message": "Past dit bij jullie?"}
        made = await self.do(self.coordinator, f"/questions/{self.ref}/trajectories", body)
        return Attempt(self, made["ref"], chosen)

    async def answered(self) -> str:
        """Offered, and everything from there to a public result."""
        await (await self.offered()).until("clear lecturer")
        return await self.state()

    def later(self, days: int) -> str:
        """A day ahead, as a form gives it."""
        return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()

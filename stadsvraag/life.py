"""What the example city's people do with one played question, each thing over HTTP; endings.py strings it together."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from stadsvraag.play import Stage, Stopped

AGREEMENT = {
    "scope": "Onderzoek onder bewoners en een advies; geen uitvoering.", "product": "Een advies met een kaart",
    "contacts": "Start, halverwege en eindpresentatie", "ip": "shared", "confidentiality": "open",
    "privacy": "no_personal_data", "costs": "Geen", "publishing": "full",
}  # fmt: skip
SCORES = ("relevance", "learning", "openness", "feasibility", "use")
HAPPY = ("take_on", "place", "agree owner", "agree lecturer", "start", "report_midterm", "deliver", "accept_result",
         "clear owner", "clear lecturer")  # fmt: skip
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

    async def offered(self) -> "Attempt":
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


class Attempt:
    """One trajectory of it, with the broker and lecturer of its institution."""

    def __init__(self, life: Life, ref: str, chosen: Mapping[str, Any]) -> None:
        self.life, self.path, self.chosen, self.done = life, f"/trajectories/{ref}", chosen, 0
        stage, dice = life.stage, life.dice
        self.broker = dice.choice(stage.who("broker", chosen["institution"]))
        self.lecturer = dice.choice(stage.who("lecturer", chosen["institution"]))
        self.students = dice.randint(4, 24)

    async def until(self, last: str) -> None:
        """The happy way on from where it is, up to and including this."""
        end = HAPPY.index(last) + 1
        for name in HAPPY[self.done : end]:
            step, _, whose = name.partition(" ")
            person = {"owner": self.life.owner, "lecturer": self.lecturer}.get(whose) or self._who(step)
            await self.take(person, step, **self._needs(step))
        self.done = end

    async def take(self, person: Person, step: str, **needs: Any) -> None:
        await self.life.step(person, step, self.path, **needs)

    def again(self, step: str) -> None:
        """It has gone back to before this step."""
        self.done = HAPPY.index(step)

    def _who(self, step: str) -> Person:
        return (
            self.broker
            if step in ("take_on", "place")
            else self.life.owner
            if step == "accept_result"
            else self.lecturer
        )

    def _needs(self, step: str) -> dict[str, Any]:
        topics, dice = self.life.topics, self.life.dice
        needs: dict[str, dict[str, Any]] = {
            "place": {"offering": self.chosen["offering"], "term": self.chosen["edition"],
                      "lecturer_name": self.lecturer["name"], "lecturer_email": self.lecturer["email"]},
            "agree": AGREEMENT, "start": {"students_expected": self.students},
            "report_midterm": {"progress": "on_track"},
            "deliver": {"summary": topics["result"], "links": ["https://results.example.org/report"],
                        "students_hbo": self.students, "hours": self.students * 80, "ec": 5},
            "accept_result": {"intended_use": topics["use"], "useful": str(dice.randint(3, 5)), "contact_good": "5",
                              "again": "yes"},
            "clear": {"clearance": "ok"},
        }  # fmt: skip
        return needs.get(step, {})

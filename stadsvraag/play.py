"""Plays questions through their lives over HTTP, as the example city's people; waits out whatever falls over."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import yaml

TOPICS = Path(__file__).with_name("topics.yaml")
AT_ONCE = 4
PATIENCE = 600.0  # seconds to wait for a system that is down before giving up
AGREEMENT = {
    "scope": "Onderzoek onder bewoners en een advies; geen uitvoering.", "product": "Een advies met een kaart",
    "contacts": "Start, halverwege en eindpresentatie", "ip": "shared", "confidentiality": "open",
    "privacy": "no_personal_data", "costs": "Geen", "publishing": "full",
}  # fmt: skip
SCORES = ("relevance", "learning", "openness", "feasibility", "use")


class Stopped(RuntimeError):  # noqa: N818
    """The play cannot go on; the message says why."""


class Stage:
    """The running installation and its people. Every action has a key, so that repeating it is harmless."""

    def __init__(self, url: str, people: list[dict[str, str]], client: httpx2.AsyncClient, run: str) -> None:
        self.url, self.people, self.client, self.run = url, people, client, run

    def who(self, role: str, organisation: str = "") -> list[dict[str, str]]:
        """The people with a role, in one organisation if named."""
        found = [one for one in self.people if one["role"] == role and organisation in ("", one["organisation"])]
        if not found:
            raise Stopped(f"nobody in people.json is {role} at {organisation or 'any organisation'}")
        return found

    async def ask(self, person: Mapping[str, str], path: str) -> Any:
        """GET as this person."""
        return await self._send("GET", person, path, None, "")

    async def do(self, person: Mapping[str, str], path: str, body: Mapping[str, Any], key: str) -> Any:
        """POST as this person, once however often it is sent."""
        return await self._send("POST", person, path, body, f"{self.run}:{key}")

    async def _send(self, method: str, person: Mapping[str, str], path: str, body: Any, key: str) -> Any:
        headers = {"Authorization": f"Bearer {person['token']}"} | ({"Idempotency-Key": key} if key else {})
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while True:
            try:
                answer = await self.client.request(method, f"{self.url}/api/v1{path}", json=body, headers=headers)
                if answer.status_code < 500:
                    break
            except httpx2.HTTPError:
                pass
            if asyncio.get_running_loop().time() > deadline:
                raise Stopped(f"{self.url} did not answer for {PATIENCE:.0f} seconds")
            await asyncio.sleep(0.5)
        if answer.status_code >= 400:
            raise Stopped(f"{method} {path} as {person['name']}: {answer.status_code} {answer.text[:600]}")
        return answer.json()


async def play_all(data: Path, url: str, count: int, seed: int, tick: Callable[[], None]) -> Counter[str]:
    """Play `count` questions, a few at a time; how many ended in each state. Raises Stopped."""
    people, base = _people(data), url or _url(data)
    topics = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))
    ends: Counter[str] = Counter()
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(timeout=30) as client:
        stage = Stage(base.rstrip("/"), people, client, secrets.token_hex(6))

        async def one(number: int) -> None:
            async with gate:
                ends[await live(stage, topics, Random(seed * 1_000_003 + number), str(number))] += 1  # noqa: S311
                tick()

        try:
            async with asyncio.TaskGroup() as group:
                for number in range(count):
                    group.create_task(one(number))
        except* Stopped as stopped:
            raise Stopped(str(stopped.exceptions[0])) from None
    return ends


def _people(data: Path) -> list[dict[str, str]]:
    path = data / "people.json"
    if not path.exists():
        raise Stopped(f"{path} is not there. Start the demo first: ./run --data {data}")
    found: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _url(data: Path) -> str:
    path = data / "ports.json"
    ports = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return f"http://127.0.0.1:{ports.get('web', 8000)}"


async def live(stage: Stage, topics: Mapping[str, Any], dice: Random, key: str) -> str:
    """One question from the form to a public result; the state it ended in."""
    owner = dice.choice([one for one in stage.people if one["role"] in ("submitter", "owner")])
    ref = (await stage.do(owner, "/questions", question(topics, stage, owner, dice), f"{key}:ask"))["ref"]
    await _decided(stage, ref, dice, key)
    offering = await _offering(stage, ref, dice)
    coordinator = stage.who("coordinator")[0]
    body = {"institution": offering["institution"], "offering": offering["offering"], "message": "Past dit bij jullie?"}
    attempt = (await stage.do(coordinator, f"/questions/{ref}/trajectories", body, f"{key}:offer"))["ref"]
    await _answered(stage, attempt, offering, owner, topics, dice, key)
    return str((await stage.ask(owner, f"/questions/{ref}"))["state"])


def question(topics: Mapping[str, Any], stage: Stage, owner: Mapping[str, str], dice: Random) -> dict[str, Any]:
    """A new question of this owner, as the API takes it."""
    topic, place = dice.choice(topics["topics"]), dice.choice(topics["places"])
    deputy = next(one for one in stage.who("deputy") if one["email"] != owner["email"])
    return {
        **{name: topic[name].format(place=place) for name in ("title", "situation", "wanted", "use")},
        "city": owner["organisation"], "department": "Wijken", "challenge": topic["challenge"],
        "owner": {"name": owner["name"], "email": owner["email"]},
        "deputy": {"name": deputy["name"], "email": deputy["email"]},
        "confidential": False, "time_available": "few_meetings", "manager_agrees": True, "language": "nl",
    }  # fmt: skip


async def _decided(stage: Stage, ref: str, dice: Random, key: str) -> None:
    """Screened, put forward, and voted on until the committee has decided."""
    coordinator = stage.who("coordinator")[0]
    advice = {
        "scores": {name: str(dice.randint(1, 3)) for name in SCORES},
        "advice": "accept",
        "route": dice.choice(["programme", "minor", "any"]),
        "explanation": "Open vraag met een eigenaar.",
    }
    await stage.do(coordinator, f"/questions/{ref}/steps", {"step": "put_forward", "needs": advice}, f"{key}:forward")
    members = [*stage.who("chair"), *stage.who("committee")]
    dice.shuffle(members)
    for member in members:
        if (await stage.ask(member, f"/questions/{ref}"))["state"] != "triage":
            break
        vote = {"vote": "accept", "reason": "Goede vraag."}
        await stage.do(member, f"/questions/{ref}/votes", vote, f"{key}:vote:{member['email']}")


async def _offering(stage: Stage, ref: str, dice: Random) -> dict[str, Any]:
    """One of the offerings that fit best and can still be reached."""
    matches = (await stage.ask(stage.who("coordinator")[0], f"/questions/{ref}/matches"))["items"]
    reachable = [one for one in matches if one["reachable"]][:5]
    if not reachable:
        raise Stopped(f"{ref}: no offering in the catalogue can still be reached")
    return dict(dice.choice(reachable))


async def _answered(
    stage: Stage, attempt: str, offering: Mapping[str, Any], owner: Mapping[str, str], topics: Mapping[str, Any],
    dice: Random, key: str,
) -> None:  # fmt: skip
    """Placed, agreed, run, delivered, accepted and cleared."""
    broker = dice.choice(stage.who("broker", offering["institution"]))
    lecturer = dice.choice(stage.who("lecturer", offering["institution"]))
    students = dice.randint(4, 24)
    place = {"offering": offering["offering"], "term": offering["edition"], "lecturer_name": lecturer["name"],
             "lecturer_email": lecturer["email"]}  # fmt: skip
    survey = {"intended_use": topics["use"], "useful": str(dice.randint(3, 5)), "contact_good": "5", "again": "yes"}
    result = {"summary": topics["result"], "links": ["https://results.example.org/report"], "students_hbo": students,
              "hours": students * 80, "ec": 5}  # fmt: skip
    steps: list[tuple[Mapping[str, str], str, Mapping[str, Any]]] = [
        (broker, "take_on", {}),
        (broker, "place", place),
        (owner, "agree", AGREEMENT),
        (lecturer, "agree", AGREEMENT),
        (lecturer, "start", {"students_expected": students}),
        (lecturer, "report_midterm", {"progress": "on_track"}),
        (lecturer, "deliver", result),
        (owner, "accept_result", survey),
        (owner, "clear", {"clearance": "ok"}),
        (lecturer, "clear", {"clearance": "ok"}),
    ]
    for person, step, needs in steps:
        where = f"{key}:{step}:{person['email']}"
        await stage.do(person, f"/trajectories/{attempt}/steps", {"step": step, "needs": needs}, where)

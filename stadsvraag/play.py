"""Plays questions through their lives over HTTP, as the example city's people; waits out whatever falls over."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import yaml

TOPICS = Path(__file__).with_name("topics.yaml")
AT_ONCE = 4
PATIENCE = 600.0  # seconds to wait for a system that is down before giving up


class Stopped(RuntimeError):  # noqa: N818
    """The play cannot go on; the message says why."""


@dataclass
class Played:
    """How many questions ended in each state, and how many lives went which way."""

    states: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)


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


async def play_all(data: Path, url: str, count: int, seed: int, tick: Callable[[], None]) -> Played:
    """Play `count` questions, a few at a time; the same seed plays the same lives. Raises Stopped."""
    from stadsvraag.endings import live

    people, base = _people(data), url or _url(data)
    topics = yaml.safe_load(TOPICS.read_text(encoding="utf-8"))
    played = Played()
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx2.AsyncClient(timeout=30) as client:
        stage = Stage(base.rstrip("/"), people, client, secrets.token_hex(6))

        async def one(number: int) -> None:
            async with gate:
                ending, state = await live(stage, topics, Random(seed * 1_000_003 + number), str(number))  # noqa: S311
                played.states[state] += 1
                played.endings[ending] += 1
                tick()

        try:
            async with asyncio.TaskGroup() as group:
                for number in range(count):
                    group.create_task(one(number))
        except* Stopped as stopped:
            raise Stopped(str(stopped.exceptions[0])) from None
    return played


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

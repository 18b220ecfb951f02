"""Many people who ask, and repeat what was not answered until it is: by programs, each request under a key."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, takewhile
from random import Random
from typing import Any

import httpx2

from tests.faults.townsfolk import secret_of

PATIENCE = 600.0  # seconds that somebody repeats one request
ACCEPTED_AT_ONCE = 10  # of so many questions one is decided on by two at the same moment


@dataclass
class Crowd:
    """`refs`: the reference that was acknowledged for each question."""

    urls: list[str]
    asked: dict[str, Any]  # the body of a question
    dice: Random
    refs: dict[int, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    async def ask(self, questions: int, enough: Callable[[], bool], at_once: int = 12) -> None:
        """So many questions, a few at a time, and more until it is enough."""
        left = takewhile(lambda number: number < questions or not enough(), count())
        async with httpx2.AsyncClient(timeout=20) as client:

            async def one_after_the_other() -> None:
                for number in left:
                    await self._ask(client, number)

            await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))

    async def _ask(self, client: httpx2.AsyncClient, number: int) -> None:
        body = self.asked | {"title": f"{self.asked['title']} ({number})"}
        self.counts["questions sent"] += 1
        status, said = await self._post(client, "amira", "questions", body, f"ask {number}")
        assert status == 201, said
        self.refs[number] = said["ref"]
        self.counts["questions acknowledged"] += 1
        if number % ACCEPTED_AT_ONCE == 0:
            await self._accept_twice(client, said["ref"], number)

    async def _accept_twice(self, client: httpx2.AsyncClient, ref: str, number: int) -> None:
        """Two windows of the coordinator: one comes too late."""
        step = {"step": "accept", "needs": {"route": "any"}}
        path = f"questions/{ref}/steps"
        answers = await asyncio.gather(
            *(self._post(client, "bram", path, step, f"accept {number} {window}") for window in "ab")
        )
        assert sorted(status for status, _ in answers) == [201, 409], answers
        self.counts["decided by two at once"] += 1

    async def _post(
        self, client: httpx2.AsyncClient, who: str, path: str, body: dict[str, Any], key: str
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {secret_of(who)}", "Idempotency-Key": key}
        loop = asyncio.get_running_loop()
        end, first = loop.time() + PATIENCE, True
        while True:
            self.counts["requests repeated"] += not first
            first = False
            try:
                url = f"{self.dice.choice(self.urls)}/api/v1/{path}"
                answer = await client.post(url, json=body, headers=headers)
                if answer.status_code < 500:
                    return answer.status_code, answer.json()
                self.counts[f"answers {answer.status_code}"] += 1
            except httpx2.HTTPError:
                self.counts["connections broken"] += 1
            assert loop.time() < end, f"{path} was not answered for {PATIENCE} seconds"
            await asyncio.sleep(self.dice.uniform(0.1, 0.8))

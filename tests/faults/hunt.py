"""Kills a process at chosen boundaries of the story, lets another take it up, and compares with one never killed."""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.nursery import Nursery
from tests.flows.place import Mailbox, environment

AT_ONCE, CONNECTIONS, PATIENCE = 2, 2, 180.0
SAME = ("steps", "questions", "unfollowed", "clocks", "faults")
SAME_BESIDE = ("told of a day", "prospects", "stale", "mail", "box")
MAIL_COMES_IN = {"STADSVRAAG_INBOX": "box", "STADSVRAAG_INBOX_ADDRESS": "post@stad.example.org"}
Fresh = Callable[[Path], AbstractContextManager[dict[str, str]]]


@dataclass
class Hunt:
    """`fresh`: makes a database for a directory, and says by which environment a process finds it."""

    home: Path
    mailbox: Mailbox
    nursery: Nursery
    fresh: Fresh
    until: str = ""  # the step that the story ends with; `beside`: what no step waits for
    counts: Counter[str] = field(default_factory=Counter)
    whole: dict[str, Any] = field(default_factory=dict)

    def undisturbed(self) -> int:
        """The story without a kill; how many boundaries it has."""
        with self.fresh(self._room("whole")) as place:
            self.whole = self._run("whole", "it", place, 0)[1]
        assert [self.whole[what] for what in ("faults", "unfollowed", "clocks", "unsettled")] == [[], 0, 0, 0]
        if self.until == "beside":
            self._everything_happened_beside()
        return int(self.whole["boundaries"])

    def _everything_happened_beside(self) -> None:
        names = Counter(name for _, name, *_ in self.whole["letters"])
        gathered = sum(state == "gathered" for *_, state, _ in self.whole["letters"])
        assert min(names["hand-in-near"], names["digest"], names["reply-received"], gathered) > 0, names
        assert self.whole["told of a day"], "no day came near"
        assert self.whole["prospects"], "nothing is within reach"
        assert not self.whole["stale"], "a recount is different"
        assert [len(one) for one in self.whole["box"]] == [0, 1, 0], "the answer was not put apart"

    def killed_at(self, boundaries: Iterable[int]) -> None:
        """A kill at each of them."""

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._killed, boundaries))

    def _killed(self, boundary: int) -> None:
        room = f"at{boundary}"
        with self.fresh(self._room(room)) as place:
            heard, _ = self._run(room, "killed", place, boundary)
            _, found = self._run(room, "after", place, 0)
        assert found["answers"][: len(heard)] == heard, f"boundary {boundary}: an answer has changed"
        self._compare(f"boundary {boundary}", found)
        self.counts["kills"] += 1
        self.counts["requests acknowledged before them"] += len(heard)

    def _room(self, name: str) -> Path:
        room = self.home / name
        room.mkdir()
        return room

    def _run(self, room: str, name: str, place: dict[str, str], fatal: int) -> tuple[list[Any], dict[str, Any]]:
        home = self.home / room
        env = environment("", self.mailbox.url, "http://127.0.0.1:9/api", home) | place
        env |= {"STADSVRAAG_MAIL_CONNECTIONS": str(CONNECTIONS), **MAIL_COMES_IN}
        child = self.nursery.child("tests.faults.doomed:play", env, self.until, fatal, str(home), name)
        ended = child.wait(PATIENCE)
        assert ended == (-signal.SIGKILL if fatal else 0), (room, name, ended, self.nursery.said())
        heard, report = home / f"{name}.heard", home / f"{name}.json"
        said = [json.loads(line) for line in heard.read_text().splitlines()] if heard.exists() else []
        return said, {} if fatal else json.loads(report.read_text())

    def _compare(self, where: str, found: dict[str, Any]) -> None:
        """The end is that of the undisturbed story; what came twice had said that it might."""
        for what in SAME if self.until != "beside" else (*SAME, *SAME_BESIDE):
            assert found[what] == self.whole[what], (where, what)
        assert _owed(found) == _owed(self.whole), where
        arrived = self.mailbox.counts()
        for message_id, letter, email, state, retried in found["letters"]:
            if letter == "reminder" and state != "sent":  # what it asks was done before it went, or went once more
                most = {"withheld": 0, "uncertain": 1}[state]
                assert arrived[message_id] <= most, (where, letter, email)
                self.counts["reminders not needed any more"] += 1
                continue
            if state == "gathered":  # a digest says it, which is a letter of its own
                assert not arrived[message_id], (where, letter, email)
                continue
            assert state == "sent", (where, letter, email, state)
            assert 1 <= arrived[message_id] <= 1 + retried, (where, letter, email)
            self.counts["letters owed and delivered"] += 1
            self.counts["doubled"] += arrived[message_id] - 1
        assert found["unsettled"] <= CONNECTIONS, where
        self.counts["uncertain after a kill"] += found["unsettled"]


def _owed(found: dict[str, Any]) -> Counter[tuple[str, str, bool]]:
    return Counter((name, email, state == "gathered") for _, name, email, state, _ in found["letters"])


def told(hunt: Hunt, on: str) -> str:
    """What was found, in two lines."""
    counts = ", ".join(f"{count} {what}" for what, count in hunt.counts.items())
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(hunt.whole["kinds"].items()))
    return (
        f"{on}: of {hunt.whole['boundaries']} boundaries: {counts}; nothing acknowledged lost, no letter lost, none "
        f"doubled that was not uncertain before, no double advance\n    {kinds}"
    )

"""Very many questions in a database within minutes, by bulk insert: for measurements and for looking at query plans."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import col, func, select

from bench.filling import bare, put
from schemas.database import reading
from schemas.moment import now
from schemas.parties import Offering, Organisation, Person

CLOSED = {"closed": 40, "rejected": 12, "withdrawn": 8, "redirected": 5, "unmatched": 5}  # 70 of a hundred
OPEN = {"submitted": 2, "screening": 6, "unclear": 2, "parked": 1, "triage": 3, "matching": 6, "underway": 6,
        "on_hold": 1, "answered": 3}  # fmt: skip
STATES = [name for name, share in (CLOSED | OPEN).items() for _ in range(share)]
UNDECIDED = ("offered", "placing", "lapsed")
LIVE = ("offered", "placing", "agreeing", "scheduled", "running", "delivered")
EACH = 40  # questions for each person who owns some: more questions come from more people
BATCH = 5_000
MANY = 20_000  # from here on it pays to make the indexes afterwards
TABLES = ("person", "question", "trajectory", "entry", "letter")
WORDS = ("fietsen", "water", "energie", "jongeren", "zorg", "wijk", "verkeer", "groen", "brieven", "markt", "warmte")
OTHER = """
    bewoners willen weten hoe de gemeente straks een plan maakt voor het plein bij de school en het station omdat
    veel ouderen daar elke dag lopen terwijl er weinig banken staan en de verlichting vaak stuk is volgens een
    eerder onderzoek kost dat geld maar niemand kent de cijfers over gebruik overlast veiligheid onderhoud bomen
    regen hitte parkeren winkels sport muziek taal werk armoede schulden wonen huur bouwen rivier bos
"""


async def fill_with(engine: AsyncEngine, count: int, seed: int = 1) -> None:
    """Put in so many questions with their people, trajectories, entries and letters; the city must be there."""
    async with reading(engine) as session:
        first = (await session.exec(select(func.max(col(Person.id))))).one() or 0
        people = list(await session.exec(select(Person.id).order_by(col(Person.id))))
        kinds = {row.id: row.kind for row in await session.exec(select(Organisation))}
        courses = [(row.id, row.institution_id) for row in await session.exec(select(Offering).order_by(Offering.id))]
    cities = [one for one, kind in kinds.items() if kind == "municipality"]
    houses = [one for one, kind in kinds.items() if kind in ("wo", "hbo", "mbo", "art")]
    more = [_person(first + n) for n in range(1, count // EACH + 1)]
    made = _Made(Random(seed), [*people, *(row["id"] for row in more)], cities, houses, courses)
    async with bare(engine) if count >= MANY else engine.begin() as connection:
        await put(connection, "person", more)
        rows = made.questions(count)
        while batch := list(islice(rows, BATCH)):
            await _put(connection, batch, made)
        if engine.dialect.name == "postgresql":  # the ids were given here
            for table in TABLES:
                top = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
                await connection.execute(text(top))
    async with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        await connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))


async def _put(connection: AsyncConnection, questions: list[dict[str, Any]], made: "_Made") -> None:
    await put(connection, "question", questions)
    tried = [one for row in questions for one in made.attempts(row)]
    await put(connection, "trajectory", tried)
    await put(connection, "entry", [_entry(row) for row in questions])
    await put(connection, "entry", [_verdict(row, made) for row in tried if row["state"] not in UNDECIDED])
    await put(connection, "letter", [_letter(made.dice, row) for row in questions])


def _person(number: int) -> dict[str, Any]:
    return {
        "id": number, "name": f"Inwoner {number}", "email": f"inwoner-{number}@example.org", "language": "nl",
        "demo": False, "shortcuts": True, "mail": {}, "created_at": now(),
    }  # fmt: skip


class _Made:
    """What is drawn, always the same from the same seed."""

    def __init__(
        self,
        dice: Random,
        people: list[int],
        cities: list[str],
        houses: list[str],
        courses: list[tuple[str, str]],
    ) -> None:
        self.dice, self.people, self.cities, self.houses = dice, people, cities, houses
        self.courses = {house: [one for one, at in courses if at == house] or [""] for house in houses}
        self.at, self.stories = now(), [" ".join(dice.choices(OTHER.split(), k=60)) for _ in range(500)]

    def questions(self, count: int) -> Iterator[dict[str, Any]]:
        for n in range(1, count + 1):
            state = "draft" if n == count else STATES[n % 100]
            since = self.at - timedelta(minutes=5 * (count - n) + 1)
            yield self._question(n, state, since, "zeldzaam " if n == count // 2 else "")

    def _question(self, n: int, state: str, since: datetime, rare: str) -> dict[str, Any]:
        choice, story = self.dice.choice, self.dice.choice(self.stories)
        title = f"Vraag {n} over {choice(WORDS)} en {choice(WORDS)}"
        return {
            "id": n, "ref": None if state == "draft" else f"XX-2026-{n:06d}", "city_id": choice(self.cities),
            "state": state, "since": since, "due_n": int(self.dice.random() < 0.1), "version": 1, "title": title,
            "form": {"title": title, "situation": story, "wanted": "Een plan.", "use": "De raad."},
            "due_at": self._later(state in OPEN and state not in ("underway", "answered")),
            "search": f"xx-2026-{n:06d} {title.lower()} {rare}{story} een plan. de raad.",
            "submitter_id": choice(self.people), "owner_id": choice(self.people), "deputy_id": choice(self.people),
            "owner_confirmed": True, "challenge": choice(("bereikbaarheid", "energie", "gezondheid")),
            "created_at": since, "language": "nl", "clock": {}, "advice": {}, "round": 0, "picked_up": False,
            "reported": 0, "declined": 2 if state == "matching" and self.dice.random() < 0.02 else 0,
        }  # fmt: skip

    def _later(self, waits: bool) -> datetime | None:
        """When the clock has something to do: what has run out has been seen to."""
        return self.at + timedelta(seconds=self.dice.randrange(86_400, 90 * 86_400)) if waits else None

    def attempts(self, row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The trajectory of a question that has one."""
        live = {"matching": LIVE[:3], "underway": LIVE[3:]}.get(row["state"], ())
        dice, state = self.dice, self.dice.choice(live or ("declined", "completed", "lapsed"))
        if row["state"] in ("submitted", "screening", "unclear", "triage", "draft") or (live and dice.random() < 0.3):
            return
        yield {
            "id": row["id"], "ref": f"{row['ref']}.1", "question_id": row["id"], "state": state, "version": 1,
            "since": row["since"], "due_at": self._later(state in live), "due_n": int(dice.random() < 0.1),
            "institution_id": dice.choice(self.houses), "lecturer_id": dice.choice(self.people),
            "student_contact_id": dice.choice(self.people), "starts_on": row["since"].date(),
            "ends_on": self._end(row["since"].date(), state), "at_risk": state == "running" and dice.random() < 0.02,
            "created_at": row["since"], "message": "", "clock": {}, "agreement": {}, "agreed_by": [], "midterm": {},
            "result": {}, "acceptance": {}, "clearances": {},
        }  # fmt: skip

    def _end(self, began: date, state: str) -> date:
        """Of what runs three in a hundred are past their end."""
        return self.at.date() + timedelta(days=self.dice.randrange(-6, 200)) if state in LIVE else began


def _submitted(row: dict[str, Any]) -> int:
    """The id of the entry by which a question was submitted; the next one is its institution's."""
    return 2 * int(row["id"]) - 1


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _submitted(row), "question_id": row["id"], "version": 1, "step": "submit", "from_state": "draft",
        "to_state": row["state"], "role": "submitter", "actor_id": row["submitter_id"], "needs": {}, "at": row["since"],
        "followed_at": row["since"],
    }  # fmt: skip


def _verdict(row: dict[str, Any], made: _Made) -> dict[str, Any]:
    """The step by which an institution said yes or no, soon after its question was submitted."""
    declined = row["state"] == "declined"
    needs = (
        {"reason": "no_capacity"} if declined else {"offering": made.dice.choice(made.courses[row["institution_id"]])}
    )
    return {
        "id": 2 * row["id"], "question_id": row["question_id"], "trajectory_id": row["id"], "version": 1,
        "step": "decline" if declined else "place", "from_state": "offered", "to_state": row["state"], "role": "broker",
        "needs": needs, "at": row["since"], "followed_at": row["since"],
    }  # fmt: skip


def _letter(dice: Random, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"], "entry_id": _submitted(row), "question_id": row["id"], "name": "receipt", "role": "submitter",
        "recipient_id": row["submitter_id"], "email": "iemand@example.org", "language": "nl", "facts": {},
        "message_id": f"<{row['id']}@example.org>", "state": "bounced" if dice.random() < 0.0005 else "sent",
        "attempts": 1, "owed_at": row["since"], "due_at": row["since"], "sent_at": row["since"], "subject": "x",
        "text": "Beste lezer, we hebben je vraag ontvangen.", "html": "<p>x</p>", "may_retry": False,
    }  # fmt: skip

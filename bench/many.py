"""Very many questions in a database within seconds, by bulk insert: for measurements and for looking at query plans."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel, col, select

from schemas.database import reading, writing
from schemas.ledger import Entry, Letter
from schemas.moment import now
from schemas.parties import Organisation, Person
from schemas.subjects import Question, Trajectory

CLOSED = {"closed": 40, "rejected": 12, "withdrawn": 8, "redirected": 5, "unmatched": 5}  # 70 of a hundred
OPEN = {"submitted": 2, "screening": 6, "unclear": 2, "parked": 1, "triage": 3, "matching": 6, "underway": 6,
        "on_hold": 1, "answered": 3}  # fmt: skip
LIVE = ("offered", "placing", "agreeing", "scheduled", "running", "delivered")
BATCH = 2_000
WORDS = ("fietsen", "water", "energie", "jongeren", "zorg", "wijk", "verkeer", "groen", "brieven", "markt", "warmte")


async def fill_with(engine: AsyncEngine, count: int, seed: int = 1) -> None:
    """Put in so many questions with their trajectories, entries and letters; the city must be there."""
    async with reading(engine) as session:
        people = list(await session.exec(select(Person.id).order_by(col(Person.id))))
        kinds = {row.id: row.kind for row in await session.exec(select(Organisation))}
    cities = [one for one, kind in kinds.items() if kind == "municipality"]
    houses = [one for one, kind in kinds.items() if kind in ("wo", "hbo", "mbo", "art")]
    dice = Random(seed)
    rows = _questions(dice, count, people, cities)
    while batch := list(islice(rows, BATCH)):
        await _put(engine, batch, dice, people, houses)
    async with writing(engine) as session:
        connection = await session.connection()
        if engine.dialect.name == "postgresql":  # the ids were given here
            for table in ("question", "trajectory", "entry", "letter"):
                top = f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"  # noqa: S608
                await connection.execute(text(top))
        await connection.execute(text("ANALYZE"))


async def _put(
    engine: AsyncEngine, questions: list[dict[str, Any]], dice: Random, people: list[int], houses: list[str]
) -> None:
    attempts = [one for row in questions for one in _attempts(dice, row, people, houses)]
    entries = [_entry(row, people) for row in questions]
    letters = [_letter(dice, row) for row in questions]
    async with writing(engine) as session:
        connection = await session.connection()
        tables: Mapping[type[SQLModel], list[dict[str, Any]]] = {
            Question: questions, Trajectory: attempts, Entry: entries, Letter: letters,
        }  # fmt: skip
        for table, rows in tables.items():
            await connection.execute(insert(table), rows)


def _questions(dice: Random, count: int, people: list[int], cities: list[str]) -> Iterator[dict[str, Any]]:
    states = [name for name, share in (CLOSED | OPEN).items() for _ in range(share)]
    for n in range(1, count + 1):
        state = "draft" if n == count else states[n % 100]
        at, word = now() - timedelta(minutes=5 * (count - n) + 1), dice.choice(WORDS)
        title = f"Vraag {n} over {word} en {dice.choice(WORDS)}"
        late, rare = dice.random() < 0.1, "zeldzaam " if n == count // 2 else ""
        form = {
            "title": title,
            "situation": "Lang verhaal over de wijk. " * 20,
            "wanted": "Een plan.",
            "use": "De raad.",
        }
        yield {
            "id": n, "ref": None if state == "draft" else f"XX-2026-{n:06d}", "city_id": dice.choice(cities),
            "state": state, "since": at, "due_n": int(late), "version": 1, "title": title, "form": form,
            "due_at": at + timedelta(days=400) if state in OPEN and state not in ("underway", "answered") else None,
            "search": f"xx-2026-{n:06d} {title.lower()} {rare}" + "lang verhaal " * 30,
            "submitter_id": dice.choice(people), "owner_id": dice.choice(people), "deputy_id": dice.choice(people),
            "owner_confirmed": True, "challenge": dice.choice(("bereikbaarheid", "energie", "gezondheid")),
            "created_at": at, "language": "nl", "clock": {}, "advice": {}, "round": 0, "picked_up": False,
            "reported": 0,
        }  # fmt: skip


def _attempts(dice: Random, row: dict[str, Any], people: list[int], houses: list[str]) -> Iterator[dict[str, Any]]:
    live = {"matching": LIVE[:3], "underway": LIVE[3:]}.get(row["state"], ())
    ended = ("declined", "completed", "lapsed")
    state = dice.choice(live or ended)
    if row["state"] in ("submitted", "screening", "unclear", "triage", "draft") or (live and dice.random() < 0.3):
        return
    today = row["since"].date()
    yield {
        "id": row["id"], "ref": f"{row['ref']}.1", "question_id": row["id"], "state": state, "version": 1,
        "since": row["since"], "due_at": row["since"] + timedelta(days=400) if state in live else None,
        "due_n": int(dice.random() < 0.1), "institution_id": dice.choice(houses), "lecturer_id": dice.choice(people),
        "student_contact_id": dice.choice(people),
        "starts_on": today, "ends_on": today + timedelta(days=500),
        "at_risk": state == "running" and dice.random() < 0.02,
        "created_at": row["since"], "message": "", "clock": {}, "agreement": {}, "agreed_by": [], "midterm": {},
        "result": {}, "acceptance": {}, "clearances": {},
    }  # fmt: skip


def _entry(row: dict[str, Any], people: list[int]) -> dict[str, Any]:
    return {
        "id": row["id"], "question_id": row["id"], "version": 1, "step": "submit", "from_state": "draft",
        "to_state": row["state"], "role": "submitter", "actor_id": row["submitter_id"], "needs": {}, "at": row["since"],
        "followed_at": row["since"],
    }  # fmt: skip


def _letter(dice: Random, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"], "entry_id": row["id"], "question_id": row["id"], "name": "receipt", "role": "submitter",
        "recipient_id": row["submitter_id"], "email": "iemand@example.org", "language": "nl", "facts": {},
        "message_id": f"<{row['id']}@example.org>", "state": "bounced" if dice.random() < 0.0005 else "sent",
        "attempts": 1, "owed_at": row["since"], "due_at": row["since"], "sent_at": row["since"], "subject": "x",
        "text": "Beste lezer, we hebben je vraag ontvangen.", "html": "<p>x</p>",
    }  # fmt: skip

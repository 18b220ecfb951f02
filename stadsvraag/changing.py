"""Changing the rules with care: what a city's files would change per open question, and moving questions to them."""

from collections.abc import AsyncIterator, Iterable
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import select

from schemas.changes import Change, changes, refs_behind
from schemas.cities import read_city
from schemas.city_rows import calendar_in, kept_rows, rules_in
from schemas.database import reading, writing
from schemas.parties import Cooperation, Person
from schemas.references import normal
from schemas.rules import Role
from schemas.steps import Actor, MovedOn, take_step
from schemas.subjects import Question

OPERATOR = Actor(None, Role.ADMIN)  # whoever has the command line


async def dry_run(engine: AsyncEngine, folder: Path) -> AsyncIterator[str]:
    """One line per open question or trajectory that would change, and what it comes to. Nothing is written."""
    city = read_city(folder)
    to, calendar, count, differ = rules_in(city), calendar_in(city), 0, 0
    async with reading(engine) as session:
        here = await session.get(Cooperation, city.city.id)
        if here is None:
            yield f"{city.city.id} has not been loaded yet: there are no questions that could change."
            return
        async for change in changes(session, to, calendar):
            count, differ = count + 1, differ + change.any
            if change.any:
                yield in_words(change)
        new = here.process_id != to.id
        for key, kept, names in await kept_rows(session, city):
            who = (await session.get_one(Person, kept.actor_id)).name
            yield f"{key} stays as {who} left it on {kept.at:%Y-%m-%d}; the file differs in: {', '.join(names)}"
    yield (
        f"{differ} of {count} open questions and trajectories would differ. "
        + (f"The files make version {to.id}; new questions run under {here.process_id} now. " if new else "")
        + "Nothing has been changed. Days that move because of the calendar do so when the city is loaded; the rest "
        "only when a question is moved: stadsvraag city move."
    )


def in_words(change: Change) -> str:
    """`ES-2026-0007-B unclear: 2026-12-01 → 2026-12-03; …`"""
    said = [f"the calendar moves {_day(change.now)} to {_day(change.loaded)}"] if change.now != change.loaded else []
    if change.loaded != change.moved:
        said.append(f"if moved: {_day(change.loaded)} → {_day(change.moved)}" + (", at once" if change.at_once else ""))
    for what, names in (("newly open", change.opened), ("no longer open", change.closed), ("letters", change.letters),
                        ("other rules", change.rules)):  # fmt: skip
        said += [f"{what}: {', '.join(names)}"] if names else []
    return f"{change.ref} {change.state}: {'; '.join(said)}"


async def move(engine: AsyncEngine, refs: Iterable[str], *, everything: bool) -> tuple[list[str], list[str]]:
    """Let questions go on under the rules of now, each by itself: the references of those moved, and of the others."""
    async with reading(engine) as session:
        current = (await session.exec(select(Cooperation.process_id))).first()
        wanted = await refs_behind(session, current) if everything else [normal(ref) for ref in refs]
    moved, not_moved = list[str](), list[str]()
    for ref in wanted:
        async with writing(engine) as session:
            question = (await session.exec(select(Question).where(Question.ref == ref))).first()
            try:
                if question is None:
                    raise LookupError
                await take_step(session, question, "adopt", OPERATOR)
                moved.append(ref)
            except (LookupError, MovedOn):
                not_moved.append(ref)
    return moved, not_moved


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no day"

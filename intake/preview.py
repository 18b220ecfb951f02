"""What a step would send, found by taking it and taking it back: nothing of it stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Request
from jinja2 import TemplateError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.language import CURRENT
from notifications.letters import render, sentence
from schemas.case import Case
from schemas.database import writing
from schemas.ledger import Letter, LetterState
from schemas.letter_texts import Own, own_text, own_texts
from schemas.letters import folded
from schemas.logs import without_keys
from schemas.parties import Person
from schemas.rules import Step
from schemas.settings import settings
from schemas.steps import Actor
from schemas.subjects import Subject
from schemas.words import word


@dataclass(frozen=True)
class Preview:
    """One letter as it would go out. `when`: kept, off or later, where it does not go at once; `at`: from when on."""

    to: str
    email: str
    role: str
    subject: str
    text: str
    language: str
    when: str
    at: datetime


class _TakenBack(Exception):  # noqa: N818
    pass


async def expected(case: Case, step: Step, language: str) -> list[str]:
    """Who would get a letter, before anything has been filled in: names, or roles when nobody holds them yet."""
    after = {target for state, target in step.moves.items() if state == case.subject.state}
    tells = [*step.tell, *(tell for state in after if state != case.subject.state and state in case.machine.states
                           for tell in case.machine.states[state].tell)]  # fmt: skip
    found: dict[str, None] = {}
    known: set[str] = set()
    for meant in await folded(case, tells, {}, None):
        told = dict.fromkeys(word(language, f"roles.{one.role}") for one in meant)
        found[f"{meant[0].person.name} ({', '.join(told)})"] = None
        known |= {one.role for one in meant}
    for tell in tells:
        if tell.when is None:
            found |= {word(language, f"roles.{role}"): None for role in tell.to if role not in known}
    return list(found)


async def preview(
    request: Request, table: type[Subject], subject_id: int, take: Any, actor: Actor, given: Mapping[str, Any]
) -> list[Preview]:
    """The letters that taking this step would owe, rendered. Raises what taking it would raise."""
    letters: list[Preview] = []
    try:
        async with writing(request.app.state.engine) as session:
            last = (await session.exec(select(func.max(Letter.id)))).one() or 0
            await take(session, await session.get_one(table, subject_id), actor, given)
            letters = await _rendered(session, last)
            raise _TakenBack
    except _TakenBack:
        return letters


async def _rendered(session: AsyncSession, after: int) -> list[Preview]:
    query = select(Letter, Person).join(Person, col(Person.id) == Letter.recipient_id).where(col(Letter.id) > after)
    rows, made = (await session.exec(query.order_by(col(Letter.id)))).all(), []
    own = await own_texts(session, {letter.name for letter, _ in rows})
    for letter, person in rows:
        text = render(letter.name, letter.language, letter.facts, example_links(), own_text(letter, own))
        made.append(
            Preview(person.name, person.email, word(CURRENT.get(), f"roles.{letter.role}"), text.subject, text.text,
                    letter.language, _when(letter), letter.due_at)
        )  # fmt: skip
    return made


def _when(letter: Letter) -> str:
    if letter.state in (LetterState.KEPT, LetterState.WITHHELD):
        return "kept" if letter.state == LetterState.KEPT else "off"
    return "later" if letter.due_at > letter.owed_at else ""


def letter_text(letter: Letter, own: Own) -> tuple[str, str]:
    """Subject and text of a letter as it would go out now, with the city's own texts."""
    try:
        text = render(letter.name, letter.language, letter.facts, example_links(), own_text(letter, own))
    except (ValueError, LookupError, TemplateError):  # the facts do not suffice: that is why it was not sent
        return letter.subject or letter.name, without_keys(letter.text or "")
    return text.subject, text.text


def folded_into(row: Letter) -> list[str]:
    """What a letter says besides: roles in which it was meant too, and letters that it made needless."""
    said = []
    for one in row.facts.get("also") or ():
        own = {**row.facts, **one["facts"], "role": one["role"]}
        what = sentence(one["letter"], row.language, own) if one["letter"] != row.name or one["facts"] else ""
        said.append(f"{one['role_label']}: {what}" if what else str(one["role_label"]))
    return said


def subject_of(letter: Letter, own: Own) -> str:
    """The subject, also of a letter that has not been written yet."""
    return letter.subject or letter_text(letter, own)[0]


def example_links() -> dict[str, str]:
    """Links that show where the real ones will stand."""
    base = settings().base_url
    return {"act": f"{base}/l/…", "status": f"{base}/s/…", "question": f"{base}/questions/…", "mail": f"{base}/m/…"}

"""Who is meant by @name in a note, and the letter that tells them."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.absence import away_on, resolve
from schemas.case import Case
from schemas.facts import facts_of
from schemas.ledger import Entry, Letter
from schemas.letters import addressed
from schemas.needs import Fault, FaultyNeeds
from schemas.notes import EVERYONE, Note, audience
from schemas.parties import Person
from schemas.roles import people_of
from schemas.rules import Role

LETTER = "mentioned"


class Reads(NamedTuple):
    """Somebody who may read a note, and in which role."""

    person: Person
    role: Role


async def concerned(case: Case, name: str = EVERYONE) -> dict[int, Reads]:
    """The people who may read a note of this audience here, each in the first role that lets them."""
    found: dict[int, Reads] = {}
    for role in audience(name, trajectory=case.subject is not case.question):
        for person in await people_of(case.session, role, case.question, case.concerned, case.today):
            found.setdefault(person.id, Reads(person, role))
    return found


async def meant(case: Case, name: str, text: str, chosen: Iterable[int]) -> list[int]:
    """The people mentioned, by choice or by @name. Raises FaultyNeeds for one who may not read it, or is not clear."""
    everybody, may = await concerned(case), await concerned(case, name)
    ids = {one for one in chosen if one in everybody}
    typed, unclear = _typed(text, [one.person for one in everybody.values()])
    faults = [Fault("text", "two_of_that_name", f"@{one}") for one in unclear]
    hidden = sorted(everybody[one].person.name for one in ids | typed if one not in may)
    faults += [Fault("mentions", "cannot_read_note", ", ".join(hidden))] if hidden else []
    if faults:
        raise FaultyNeeds(faults)
    return sorted(ids | typed)


def _typed(text: str, people: Iterable[Person]) -> tuple[set[int], list[str]]:
    """Who is named with @ in a text; and first names that more than one person has."""
    named: set[int] = set()
    by_first: dict[str, list[Person]] = {}
    for person in people:
        by_first.setdefault(person.name.split()[0].casefold(), []).append(person)
        found, text = _without(text, person.name)
        named |= {person.id} if found else set()
    unclear = []
    for same in by_first.values():
        first = same[0].name.split()[0]
        if _without(text, first)[0]:
            named |= {same[0].id} if len(same) == 1 else set()
            unclear += [first] if len(same) > 1 else []
    return named, unclear


def _without(text: str, name: str) -> tuple[bool, str]:
    words = r"\s+".join(re.escape(part) for part in name.split())
    left, count = re.subn(rf"(?<!\w)@{words}(?!\w)", " ", text, flags=re.IGNORECASE)
    return count > 0, left


async def tell_mentioned(case: Case, note: Note, told_before: Iterable[int] = ()) -> None:
    """Owe a letter to each who is mentioned, or to who stands in for them; never to the author, never twice."""
    readers: Mapping[int, Reads] = await concerned(case, note.audience)
    away = await away_on(case.session, case.today)
    written = {note.actor_id, *(resolve(away, one) for one in told_before)}
    for holder in note.mentions:
        there = resolve(away, holder)
        if holder in readers and there not in written:
            written.add(there)
            person = await case.session.get_one(Person, there)
            absent = readers[holder].person if there != holder else None
            await _owe(case, note, person, readers[holder].role, absent)


async def _owe(case: Case, note: Note, person: Person, role: Role, absent: Person | None) -> None:
    # Facts are told of an entry; a note is none, and stands in no ledger. Its words are not in the letter: they may
    # still be corrected or removed, and a letter goes where it goes.
    as_entry = Entry(
        question_id=note.question_id, version=0, step=LETTER, from_state="", to_state="", role=note.role,
        actor_id=note.actor_id, for_id=note.for_id,
    )  # fmt: skip
    facts = await facts_of(case, as_entry, person, role) | {"in_place_of": absent.name if absent else None}
    case.session.add(
        Letter(
            question_id=note.question_id, trajectory_id=note.trajectory_id, name=LETTER, role=role.value, facts=facts,
            **addressed(person, case),
        )
    )  # fmt: skip
    await case.session.flush()

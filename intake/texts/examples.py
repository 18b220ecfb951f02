"""What a text is looked at with: a letter of this kind that was really owed, or the facts of the example question."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from intake.preview import example_links
from notifications.facts import ABOUT_DRAFT, SIGNING_IN
from notifications.gallery import example, links, roles
from notifications.letters import Rendered, compiled, put_on_paper
from schemas.ledger import Letter
from schemas.letter_texts import ON_TRIAL
from schemas.parties import Person

EXAMPLE = "example"
PRIVATE = SIGNING_IN | ABOUT_DRAFT  # nobody else's business
MOST = 8


@dataclass(frozen=True)
class Seen:
    """Facts to look at a text with. `key`: how an address says which they are."""

    key: str
    facts: dict[str, Any]
    recipient: str = ""
    ref: str = ""


async def choices(session: AsyncSession, name: str) -> list[Seen]:
    """The last letters of this kind, one for each question and role."""
    if name in PRIVATE:
        return []
    query = (
        select(Letter, Person.name).join(Person, col(Person.id) == Letter.recipient_id).where(Letter.name == name)
        .order_by(col(Letter.id).desc()).limit(60)
    )  # fmt: skip
    found: dict[tuple[str, str], Seen] = {}
    for letter, recipient in await session.exec(query):
        if ON_TRIAL not in letter.facts:
            ref = str(letter.facts.get("ref") or (letter.facts.get("meeting") or {}).get("day") or "")
            found.setdefault((ref, letter.role), Seen(str(letter.id), letter.facts, recipient, ref))
    return list(found.values())[:MOST]


async def seen_with(session: AsyncSession, name: str, on: str, language: str) -> Seen:
    """What an address asks for: the number of a letter, or a role in the example; the example when there is no such."""
    real = next((one for one in await choices(session, name) if one.key == on), None)
    if real:
        return real
    role = on.partition(":")[2]
    return of_example(name, language, role if role in roles(name) else roles(name)[0])


def of_example(name: str, language: str, role: str) -> Seen:
    """The example question, for the person of a role."""
    return Seen(f"{EXAMPLE}:{role}", example(name, language, role))


def on_paper(name: str, language: str, text: str, seen: Seen) -> Rendered:
    """A text as a letter, with links that show where the real ones stand. Raises ValueError when it is unsound."""
    shown = {kind: target for kind, target in example_links().items() if kind in links(name)}
    return put_on_paper(compiled(name, language, text), name, language, seen.facts, shown)

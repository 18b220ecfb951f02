"""The form of a note: what it asks, of whom, and what was typed into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any

from starlette.datastructures import FormData

from intake.fields import message
from intake.incoming import Incoming
from intake.language import translate
from intake.sight import Reader
from schemas.case import Case
from schemas.mentions import concerned
from schemas.needs import Fault
from schemas.notes import EVERYONE, LONGEST, WORKERS
from schemas.subjects import Trajectory
from schemas.words import word


@dataclass
class Typed:
    """What the form was sent with."""

    text: str = ""
    audience: str = ""
    mentions: list[int] = field(default_factory=list)
    key: str = field(default_factory=lambda: token_urlsafe(16))
    files: list[Incoming] = field(default_factory=list)
    file_faults: list[tuple[str, Fault]] = field(default_factory=list)


def read_typed(sent: FormData) -> Typed:
    """The words of a form; nobody types a NUL, which PostgreSQL cannot keep."""
    plain = {
        name: str(sent.get(name, "")).replace("\x00", "").replace("\r\n", "\n") for name in ("text", "audience", "key")
    }
    chosen = [int(one) for one in map(str, sent.getlist("mentions")) if one.isdecimal() and len(one) < 10]
    return Typed(plain["text"].strip(), plain["audience"], chosen, plain["key"][:80] or token_urlsafe(16))


def readers(audience: str, *, trajectory: bool) -> str:
    """Who reads a note of this audience, said before it is written."""
    _ = translate
    if audience == EVERYONE:
        near = (
            _("the broker and the lecturer of this trajectory")
            if trajectory
            else _("the brokers, lecturers and partner concerned")
        )
        return _("The owner, the submitter and the deputy, %(near)s, and the people who work on it.") % {"near": near}
    if trajectory:
        return _(
            "The project coordinator, the steering group, the privacy officer, the administrator, and the broker and "
            "the lecturer of this trajectory. The owner, the submitter and the deputy do not see it."
        )
    return _(
        "The project coordinator, the steering group, the privacy officer and the administrator. The owner, the "
        "submitter, the deputy and the institutions do not see it."
    )


async def note_fields(
    case: Case, reader: Reader, language: str, may: Sequence[str], typed: Typed, faults: Sequence[Fault]
) -> list[dict[str, Any]]:
    """What a new note asks: for whom, the text, whom to mention."""
    said = {fault.field: message(language, fault) for fault in faults}
    audience = [_audience_field(may, isinstance(case.subject, Trajectory), said, typed)] if len(may) > 1 else []
    people = await concerned(case, EVERYONE if EVERYONE in may else may[0])
    choices = [
        {"value": one.person.id, "label": one.person.name, "hint": word(language, f"roles.{one.role}")}
        for one in people.values()
        if one.person.id != reader.person.id
    ]
    return [*audience, text_field(said, typed), *([_mentions_field(choices, said, typed)] if choices else [])]


def _audience_field(may: Sequence[str], trajectory: bool, said: Mapping[str, str], typed: Typed) -> dict[str, Any]:
    _ = translate
    everyone = _("Everyone on this trajectory") if trajectory else _("Everyone on this question")
    labels = {WORKERS: _("The people who work on it"), EVERYONE: everyone}
    choices = [{"value": one, "label": labels[one], "hint": readers(one, trajectory=trajectory)} for one in may]
    return {"name": "audience", "kind": "choice", "label": _("Who may read it?"), "choices": choices, "required": True,
            "value": typed.audience, "error": said.get("audience")}  # fmt: skip


def text_field(said: Mapping[str, str], typed: Typed) -> dict[str, Any]:
    """The words of a note."""
    _ = translate
    return {"name": "text", "kind": "text", "label": _("Your note"), "required": True, "max": LONGEST, "rows": 6,
            "hint": _("A note changes nothing in the process. You can correct it for 15 minutes."),
            "value": typed.text, "error": said.get("text")}  # fmt: skip


def _mentions_field(choices: list[dict[str, Any]], said: Mapping[str, str], typed: Typed) -> dict[str, Any]:
    _ = translate
    hint = _("They get a letter with a link to your note. You may also write @ and the first name in the text.")
    return {"name": "mentions", "kind": "choices", "label": _("Whom do you want to mention?"), "choices": choices,
            "hint": hint, "value": typed.mentions, "error": said.get("mentions")}  # fmt: skip

"""What came in by mail, in words: as events of a question's story, and as lines of a list."""

from collections.abc import Iterable
from typing import Any

from intake.language import moment, size, speaking, translate
from intake.received import Seen, waits
from schemas.moment import now
from schemas.received import Received

IN_STORY = 1500  # signs; the whole message has a page of its own


def events(seen: Iterable[Seen], language: str) -> list[dict[str, Any]]:
    """Answers as the timeline shows them."""
    with speaking(language):
        return [_event(one) for one in seen]


def _event(seen: Seen) -> dict[str, Any]:
    row, _ = seen.row, translate
    who = _("for the people who work on it") + (" · " + _("not read yet") if waits(row) else "")
    event: dict[str, Any] = {
        "at": row.at, "id": f"received-{row.id}", "title": title(seen), "given": [], "who": who, "kind": "note",
        "posted": [], "said": "", "links": [{"href": f"/received/{row.id}", "label": _("Open the message")}],
    }  # fmt: skip
    if row.removed_at:
        return event | {"text": removed(seen)}
    said = row.text if len(row.text) <= IN_STORY else row.text[:IN_STORY].rstrip() + " …"
    return event | {"said": said, "text": doubt(seen), "more": remarks(row)}


def title(seen: Seen) -> str:
    """Who wrote, as far as that is known."""
    _ = translate
    if seen.writer:
        return _("%(name)s answered by e-mail") % {"name": seen.writer}
    if seen.row.from_email:
        return _("An e-mail came in from %(address)s") % {"address": seen.row.from_email}
    return _("An e-mail came in from an unknown sender")


def doubt(seen: Seen) -> str:
    """Why it is not certain who wrote it; empty when it is."""
    _ = translate
    if seen.writer or seen.row.question_id is None:
        return ""
    if seen.letter:
        return _("The letter that it answers did not go to this address. We do not know who wrote this.")
    return _("It answers no letter of ours, and only names the question. We do not know for certain who wrote this.")


def remarks(row: Received) -> list[str]:
    """What came with it, and what is missing."""
    _ = translate
    names = ", ".join(f"{one['name']} ({size(one['size'])})" for one in row.files)
    said = [_("With it, not kept here: %(files)s.") % {"files": names}] if names else []
    return said + ([_("The message was too long: only its beginning was read.")] if row.cut else [])


def removed(seen: Seen) -> str:
    """Who took the words away, and when."""
    _ = translate
    facts = {"name": seen.remover, "when": moment(seen.row.removed_at or now())}
    return _("Text removed by %(name)s, %(when)s.") % facts


def kind_words(row: Received) -> str:
    """What it is, for a list."""
    _ = translate
    return {
        "reply": _("an e-mail"), "automatic": _("an automatic message"), "bounce": _("a letter that came back"),
        "report": _("a report of a mail server"), "loop": _("our own letter"), "unreadable": _("unreadable"),
    }[row.kind]  # fmt: skip


def state_words(row: Received) -> str:
    """What became of it, for a list."""
    _ = translate
    return {
        "new": _("not read yet") if row.question_id else _("to be sorted out"), "read": _("read"),
        "aside": _("put aside"), "kept": _("noted at the letter") if row.letter_id else _("needs nobody"),
    }[row.state]  # fmt: skip

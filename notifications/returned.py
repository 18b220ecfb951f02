"""Reports of mail servers: which letter did not arrive, for good or not yet, in the server's own words.

Which addresses failed is found by flufl.bounce, Mailman's collection of the dialects of twenty years. Which letter it
was stands in the headers that came back with it, and nowhere else: nobody but its reader knows a letter's Message-ID.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from flufl.bounce import all_failures

from notifications.opening import header, leaves, raw_header, words_of
from notifications.plain import one_line

MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")
IN_TEXT = re.compile(r"^>? ?message-id:\s*(<[^<>\s]{3,250}>)", re.IGNORECASE | re.MULTILINE)
SERVERS = ("mailer-daemon@", "postmaster@", "mailer_daemon@", "microsoftexchange")
STATUS, RETURNED = "message/delivery-status", ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers",
                                               "message/global", "message/global-headers")  # fmt: skip
MOST_IDS, LONGEST_DIALECT = 20, 100_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server reports. `failed`: for good; neither: it says something else about delivery."""

    failed: frozenset[str]
    delayed: frozenset[str]
    words: str
    about: tuple[str, ...]


def report_of(message: Message, raw: bytes, sender: str, text: str) -> Report | None:
    """The report in a message, or None when it is none. Only of what servers send: people write such words too."""
    kind, standard = str(message.get_param("report-type") or "").lower(), _is_standard(message)
    if kind and kind != "delivery-status":
        return None
    if not standard and not (is_null(message) or sender.startswith(SERVERS)):
        return None
    # The dialects are found by looking for words in every line: of a long message only in the beginning.
    delayed, failed = all_failures(message if standard else message_from_bytes(raw[:LONGEST_DIALECT]))
    if not (failed or delayed or standard):
        return None
    words = "; ".join(_said(message)) or one_line(text)
    return Report(_addresses(failed), _addresses(delayed), words, tuple(dict.fromkeys(_ids(message, text)))[:MOST_IDS])


def is_null(message: Message) -> bool:
    """Whether it was sent in nobody's name, so that nobody can answer it."""
    return raw_header(message, "return-path").strip() == "<>"


def ids_in(written: str) -> list[str]:
    """The Message-IDs in a header."""
    return MESSAGE_ID.findall(written[-8000:])


def _is_standard(message: Message) -> bool:
    return any(one.get_content_type() == STATUS for one in leaves(message))


def _addresses(found: frozenset[bytes]) -> frozenset[str]:
    return frozenset(one.decode("ascii", "replace").lower() for one in found)


def _said(message: Message) -> Iterator[str]:
    """Status and diagnosis of each recipient that the report names."""
    for part in leaves(message):
        blocks = part.get_payload() if part.get_content_type() == STATUS else None
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, Message) and block.get("action"):
                status, said = header(block, "status"), header(block, "diagnostic-code")
                said = said.split(";", 1)[-1].strip()
                server = header(block, "remote-mta").split(";")[-1].strip()
                yield " ".join(one for one in (said or status, f"({server})" if server else "") if one)


def _ids(message: Message, text: str) -> Iterator[str]:
    """The letter's own Message-ID first: of what came back, then what the report says that it answers."""
    for part in leaves(message):
        if part.get_content_type() in RETURNED:
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                yield from ids_in(raw_header(inner[0], "message-id"))
            else:
                yield from IN_TEXT.findall(words_of(part))
    for name in ("in-reply-to", "references", "x-failed-message-id", "x-original-message-id"):
        yield from reversed(ids_in(raw_header(message, name)))
    yield from IN_TEXT.findall(text)

"""A message that came in, opened: its headers, its words, and the names of the files that came with it."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from typing import Any

from notifications.message import ADDRESS
from notifications.plain import decoded, from_html, header_words, one_line, tidy

MOST_PARTS = 60
LONGEST_PART = 400_000  # bytes of words
LONGEST = 20_000  # signs of words that are kept


class TooManyParts(ValueError):  # noqa: N818 - named for what it is
    """A message of more parts than anybody writes."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a message says, and what came with it."""

    text: str
    files: tuple[dict[str, Any], ...]
    cut: bool


def header(message: Message, name: str) -> str:
    """A header as one line of text, the first of that name; empty when there is none."""
    return header_words(raw_header(message, name))


def raw_header(message: Message, name: str) -> str:
    """A header as the parser read it."""
    return next((str(value) for key, value in message.raw_items() if key.lower() == name), "")


def sender_of(message: Message) -> tuple[str, str]:
    """Name and address of who wrote. A message in the name of several, or with two senders, has no address."""
    written = [str(value) for key, value in message.raw_items() if key.lower() == "from"]
    found = getaddresses([written[0][:1000]]) if len(written) == 1 else []
    if len(found) != 1:
        return header(message, "from"), ""
    name, address = header_words(found[0][0]), found[0][1].strip().lower()
    return name, address if ADDRESS.fullmatch(address) and len(address) < 255 else ""


def leaves(message: Message) -> Iterator[Message]:
    """Its parts in order; what is inside an attached message belongs to that message."""
    waiting, count = [message], 0
    while waiting:
        part = waiting.pop()
        count += 1
        if count > MOST_PARTS:
            raise TooManyParts
        inside = part.get_payload() if part.get_content_maintype() == "multipart" else None
        if isinstance(inside, list):
            waiting += [one for one in reversed(inside) if isinstance(one, Message)]
        else:
            yield part


def body_of(message: Message) -> Body:
    """The words, plain where there are plain ones, and the files by name: their content is not kept."""
    plain: list[str] = []
    rich: list[str] = []
    files: list[dict[str, Any]] = []
    for part in leaves(message):
        kind = part.get_content_type()
        named = part.get_filename() or (part.get_content_disposition() == "attachment")
        if kind in ("text/plain", "text/html") and not named:
            (plain if kind == "text/plain" else rich).append(words_of(part))
        elif named or not kind.startswith(("text/", "multipart/")):
            files.append({"name": _file_name(part), "size": _size(part)})
    text = tidy("\n\n".join(plain)) or from_html("\n".join(rich))
    return Body(text[:LONGEST], tuple(files), len(text) > LONGEST)


def words_of(part: Message) -> str:
    """The text of one part."""
    content = part.get_payload(decode=True)
    raw = content if isinstance(content, bytes) else b""
    return decoded(raw[:LONGEST_PART], part.get_content_charset())


def _file_name(part: Message) -> str:
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and isinstance(inner[0], Message):
        return header(inner[0], "subject") or "message"
    return header_words(str(part.get_filename() or "")) or one_line(part.get_content_type())


def _size(part: Message) -> int:
    """About how large: base64 takes four signs for three bytes."""
    content = part.get_payload()
    if not isinstance(content, str):
        return 0
    return len(content) * 3 // 4 if str(part.get("content-transfer-encoding", "")).lower() == "base64" else len(content)

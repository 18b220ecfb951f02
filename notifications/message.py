"""From a letter to the e-mail that carries it: headers, plain text, HTML, attachments."""

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from secrets import token_hex
from typing import Any, Self

from notifications.filters import line
from notifications.letters import Rendered
from schemas.ledger import Letter
from schemas.moment import now

# Not "All": that would keep Exchange from telling us that an address does not exist.
SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
LONGEST_NAME = 120
SHORT = 77  # what fits on one line of 78, with a colon and a space
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter. `kind` is its media type, `method` that of a calendar."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"
    method: str = ""


class Folded(str):
    """A header, and how it stands in the message: that is worked out once, not for every letter."""

    name: str
    lines: str
    addresses: tuple[Address, ...]

    def __new__(cls, name: str, value: str, lines: str = "", addresses: tuple[Address, ...] = ()) -> Self:
        """`lines`: as it stands in the message; by default on one line, however long."""
        made = super().__new__(cls, value)
        made.name, made.lines, made.addresses = name, lines or f"{name}: {value}\r\n", addresses
        return made

    def fold(self, *, policy: EmailPolicy) -> str:
        """As it stands in the message."""
        return self.lines


class Written(EmailMessage):
    """A letter as it is posted. The email package reads every header and line again while it writes a message down."""

    def as_bytes(self, unixfrom: bool = False, policy: Any = None) -> bytes:
        """Our headers as they were folded, our parts between their boundaries; the same as the email package's."""
        if unixfrom or policy:
            return super().as_bytes(unixfrom, policy)
        return _written_down(self).encode("ascii")


def _written_down(part: MIMEPart) -> str:
    head = "".join(SMTP.fold(name, value) for name, value in part.raw_items()) + "\r\n"
    if not part.is_multipart():
        return head + str(part.get_payload()).replace("\r\n", "\n").replace("\n", "\r\n")
    line = f"--{part.get_boundary()}"
    parts = "".join(f"{line}\r\n{_written_down(one)}\r\n" for one in part.iter_parts())
    return f"{head}{parts}{line}--\r\n"


def compose(
    letter: Letter, rendered: Rendered, sender: str, reply_to: str | None, attachments: Iterable[Attachment] = (),
    off: str = "",
) -> EmailMessage:  # fmt: skip
    """The e-mail of one letter. Headers are one line whatever the facts hold; bodies travel in short lines.

    `off`: where one click switches letters like this off, for a mail program to offer (RFC 8058).
    Raises ValueError when the sender, the address or the Message-ID cannot stand in a header.
    """
    message = Written(policy=SMTP)
    headers = {
        "Subject": line(rendered.subject),
        "Date": format_datetime(now()),
        "Message-ID": bracketed(letter.message_id),
        "In-Reply-To": thread_of(letter),
        "References": thread_of(letter),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": SUPPRESSED,
        "MIME-Version": "1.0",
    }
    to = _address(shown(letter.facts.get("recipient")), plain_address(letter.email))
    people = {"From": mailbox(sender), "To": to, **({"Reply-To": mailbox(reply_to)} if reply_to else {})}
    for name, person in people.items():
        message.set_raw(name, _people_header(name, person.display_name, person.addr_spec))
    for name, value in headers.items():
        if value or name == "Subject":
            message.set_raw(name, _header(name, value))
    for name, value in _switch(off):
        message.set_raw(name, Folded(name, value))
    words = [_words("plain", rendered.text), _words("html", rendered.html)]
    files = [_attached(one) for one in attachments]
    text = EmailMessage(policy=SMTP) if files else message
    _hold(text, "alternative", words)
    text.set_raw("Content-Language", _header("Content-Language", letter.language))
    if files:
        _hold(message, "mixed", [text, *files])
    return message


def _hold(message: EmailMessage, how: str, parts: list[EmailMessage]) -> None:
    # In quoted-printable and in base64 there is no "=_", so that no text can end its part.
    boundary = f"=_{token_hex(12)}"
    message.set_raw("Content-Type", Folded("Content-Type", f'multipart/{how}; boundary="{boundary}"'))
    for one in parts:
        message.attach(one)


def _header(name: str, value: str) -> Folded:
    if value.isascii() and value.isprintable() and "=?" not in value and len(name) + len(value) < SHORT:
        return Folded(name, value)
    return _folded(name, value)


@lru_cache(maxsize=2048)
def _folded(name: str, value: str) -> Folded:
    return _as_folded(name, SMTP.header_factory(name, value))


def _as_folded(name: str, header: Any) -> Folded:
    return Folded(name, str(header), header.fold(policy=SMTP), getattr(header, "addresses", ()))


@lru_cache(maxsize=2048)
def _people_header(name: str, shown_name: str, plain: str) -> Folded:
    return _as_folded(name, SMTP.header_factory(name, _address(shown_name, plain)))


@lru_cache(maxsize=2048)
def _address(name: str, plain: str) -> Address:
    return Address(name, addr_spec=plain)


def _switch(off: str) -> Iterator[tuple[str, str]]:
    """A program may only press the button by itself over HTTPS."""
    if off:
        yield "List-Unsubscribe", f"<{off}>"
    if off.startswith("https:"):
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def thread_of(letter: Letter) -> str:
    """The Message-ID that all letters about one question refer to; empty without a question. Never sent itself."""
    ref = line(letter.facts.get("ref")).split(".")[0]
    domain = bracketed(letter.message_id).strip("<>").rpartition("@")[2]
    return f"<question.{ref}@{domain}>" if ref.replace("-", "").isalnum() and ref.isascii() else ""


def mailbox(written: str) -> Address:
    """`Stadsvraag <post@example.org>` as an address. Raises ValueError when it is none."""
    name, address = parseaddr(line(written))
    return _address(shown(name), plain_address(address))


def shown(name: object) -> str:
    """A person's name as it may stand in front of an address."""
    return line(name)[:LONGEST_NAME].strip()


@lru_cache(maxsize=2048)
def plain_address(address: str) -> str:
    """The address in ASCII, an international domain in its xn-- form. Raises ValueError when it is no such address."""
    local, _, domain = address.strip().rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        plain = ""
    if not ADDRESS.fullmatch(plain):
        raise ValueError(f"{line(address)!r} is no address that our mail server can send to")
    return plain


def bracketed(message_id: str) -> str:
    inner = message_id.strip().strip("<>")
    if inner.count("@") != 1 or not inner.isascii() or not inner.isprintable() or set(inner) & set(" <>,;"):
        raise ValueError(f"{message_id!r} is no Message-ID")
    return f"<{inner}>"


def _words(subtype: str, text: str) -> EmailMessage:
    # The email package encodes quoted-printable sign by sign in Python; binascii gives the same a hundred times faster.
    part = EmailMessage(policy=SMTP)
    part.set_raw("Content-Type", _header("Content-Type", f'text/{subtype}; charset="utf-8"'))
    part.set_raw("Content-Transfer-Encoding", _header("Content-Transfer-Encoding", "quoted-printable"))
    part.set_payload(b2a_qp(text.encode(), istext=True).decode("ascii"))
    return part


def _attached(one: Attachment) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    for header in _file_headers(line(one.name), one.kind, one.method):
        part.set_raw(header.name, header)
    part.set_payload(encodebytes(one.content).decode("ascii"))
    return part


@lru_cache(maxsize=256)
def _file_headers(name: str, kind: str, method: str) -> list[Folded]:
    main, _, sub = kind.partition("/")
    params = {"charset": "utf-8", "method": method} if method else None
    part = EmailMessage(policy=SMTP)
    part.set_content(b"", main, sub, disposition="attachment", filename=name, params=params)
    return [_as_folded(key, value) for key, value in part.items() if key != "MIME-Version"]

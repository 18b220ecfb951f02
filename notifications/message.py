"""From a letter to the e-mail that carries it: headers, plain text, HTML, attachments."""

import re
from binascii import b2a_qp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any, Self

from notifications.filters import line
from notifications.letters import Rendered
from schemas.ledger import Letter
from schemas.moment import now

# Not "All": that would keep Exchange from telling us that an address does not exist.
SUPPRESSED = "DR, RN, NRN, OOF, AutoReply"
LONGEST_NAME = 120
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter. `kind` is its media type, `method` that of a calendar."""

    name: str
    content: bytes
    kind: str = "application/octet-stream"
    method: str = ""


class Unbroken(str):
    """A header on one line. The email package would put a long link into encoded words, which nobody reads back."""

    name: str

    def __new__(cls, name: str, value: str) -> Self:
        made = super().__new__(cls, value)
        made.name = name
        return made

    def fold(self, *, policy: EmailPolicy) -> str:
        """As it stands in the message."""
        return f"{self.name}: {self}{policy.linesep}"


def compose(
    letter: Letter, rendered: Rendered, sender: str, reply_to: str | None, attachments: Iterable[Attachment] = (),
    off: str = "",
) -> EmailMessage:  # fmt: skip
    """The e-mail of one letter. Headers are one line whatever the facts hold; bodies travel in short lines.

    `off`: where one click switches letters like this off, for a mail program to offer (RFC 8058).
    Raises ValueError when the sender, the address or the Message-ID cannot stand in a header.
    """
    message = EmailMessage(policy=SMTP)
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
        message[name] = _people_header(name, person.display_name, person.addr_spec)
    for name, value in headers.items():
        if value or name == "Subject":
            message[name] = _header(name, value)
    for name, value in _switch(off):
        message[name] = Unbroken(name, value)
    message.make_alternative()  # before any Content- header, which it would put on an empty first part
    message["Content-Language"] = _header("Content-Language", letter.language)
    message.attach(_words("plain", rendered.text))
    message.attach(_words("html", rendered.html))
    for one in attachments:
        _attach(message, one)
    return message


@lru_cache(maxsize=2048)
def _header(name: str, value: str) -> Any:
    # Most headers come back letter after letter, and reading each into a header is half the work of an envelope.
    return SMTP.header_factory(name, value)


@lru_cache(maxsize=2048)
def _people_header(name: str, shown_name: str, plain: str) -> Any:
    return SMTP.header_factory(name, _address(shown_name, plain))


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
    part["Content-Type"] = _header("Content-Type", f'text/{subtype}; charset="utf-8"')
    part["Content-Transfer-Encoding"] = _header("Content-Transfer-Encoding", "quoted-printable")
    part.set_payload(b2a_qp(text.encode(), istext=True).decode("ascii"))
    return part


def _attach(message: EmailMessage, one: Attachment) -> None:
    main, _, sub = one.kind.partition("/")
    params = {"charset": "utf-8", "method": one.method} if one.method else None
    message.add_attachment(one.content, main, sub, filename=line(one.name), params=params)

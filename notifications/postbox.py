"""Hands letters to the mail server and says honestly what became of each.

Before the server has the whole text, every fault means: not sent. After its final reply, that reply decides.
In between nobody can know, and that is what we say: uncertain.
"""

import asyncio
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import lru_cache
from types import TracebackType
from typing import Literal, Self

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponseException, SMTPServerDisconnected

from notifications.address import server_of
from notifications.message import plain_address

# Replies about us, not about the letter: not signed in, or the server wants a safer connection first.
ABOUT_US = frozenset({530, 534, 535, 538})
CLOSING, START_INPUT = 421, 354
PAUSE = 5.0  # seconds during which a server that could not be reached is not tried again


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter. `reply`: the server's words, or the fault; `permanent`: trying again is no use."""

    state: Literal["sent", "refused", "owed", "uncertain"]
    reply: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class Offers:
    """What a mail server offers: STARTTLS, the largest letter in bytes (0: not said), the TLS that is in use."""

    starttls: bool
    size: int
    tls: str


class Postbox:
    """One connection for a batch of letters: `async with Postbox(url) as box: await box.post(message, recipient)`.

    `timeout`: seconds for each reply; `patience`: seconds for the final one, as servers scan mail before they answer.
    `sender`: in whose name the envelope goes, where reports about it come back to; by default who the letter is from.
    Raises ValueError when the URL cannot be used. Posts of one box wait for each other.
    """

    def __init__(
        self, smtp_url: str, *, timeout: float = 20, patience: float = 120, tls_context: ssl.SSLContext | None = None,
        sender: str = "",
    ) -> None:  # fmt: skip
        self._server, self._timeout, self._patience = server_of(smtp_url), timeout, patience
        self._tls_context, self._sender = tls_context, sender
        self._line: SMTP | None = None
        self._turn = asyncio.Lock()
        self._unreachable: tuple[float, Outcome] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._line and kind is None:
            with suppress(SMTPException, OSError):  # what was sent, was sent: a rude goodbye changes nothing
                await self._line.quit(timeout=min(self._timeout, 2.0))
        self._drop()

    async def post(self, message: EmailMessage, recipient: str) -> Outcome:
        """Hands over one message, at most once."""
        try:
            written = self._sender or message["From"].addresses[0].addr_spec
            sender, to = (plain_address(one) for one in (written, recipient))
            content = message.as_bytes()
        except (ValueError, LookupError, AttributeError, TypeError) as fault:
            return Outcome("refused", f"not sent: {fault}", permanent=True)
        async with self._turn:
            try:
                return await self._post(sender, to, content)
            except BaseException:
                self._drop()  # a connection left in the middle of a letter cannot carry another
                raise

    async def trouble(self) -> str | None:
        """Why no letter could be posted now, or None."""
        async with self._turn:
            line = await self._reach()
        return line.reply if isinstance(line, Outcome) else None

    async def offers(self) -> Offers | str:
        """What the server offers, or why it cannot be reached."""
        async with self._turn:
            line = await self._reach()
        if isinstance(line, Outcome):
            return line.reply
        size, secured = line.esmtp_extensions.get("size", ""), line.get_transport_info("ssl_object")
        return Offers(
            line.supports_extension("starttls"),
            int(size) if size.isdigit() else 0,
            secured.version() if secured else "",
        )

    async def _post(self, sender: str, to: str, content: bytes) -> Outcome:
        reused = bool(self._line and self._line.is_connected)
        ready = await self._prepare(sender, to)
        if isinstance(ready, Outcome) and reused and not self._line and not ready.permanent:
            # The server had closed an idle connection. It has seen nothing of this letter: a new one is safe.
            ready = await self._prepare(sender, to)
        return ready if isinstance(ready, Outcome) else await self._hand_over(ready, content)

    async def _prepare(self, sender: str, to: str) -> SMTP | Outcome:
        """A connection on which the server is ready for the text, or why there is none."""
        line = await self._reach()
        if isinstance(line, Outcome):
            return line
        return await self._ask(line, sender, to) or line

    async def _reach(self) -> SMTP | Outcome:
        """A connection, signed in if asked; or the reason why the letter stays owed."""
        if self._line and self._line.is_connected:
            return self._line
        if self._unreachable and time.monotonic() < self._unreachable[0]:
            return self._unreachable[1]
        try:
            self._line = await self._connected()
        except (SMTPException, OSError, ValueError) as fault:
            outcome = Outcome("owed", words_of(fault))
            self._unreachable = time.monotonic() + PAUSE, outcome
            return outcome
        return self._line

    async def _connected(self) -> SMTP:
        server = self._server
        line = SMTP(
            hostname=server.host, port=server.port, username=server.user, password=server.secret,
            use_tls=server.tls == "tls", start_tls=server.tls == "starttls", timeout=self._timeout,
            tls_context=self._tls_context, local_hostname=await asyncio.to_thread(own_name),
        )  # fmt: skip
        try:
            await line.connect()
            if line.is_ehlo_or_helo_needed:
                await _greet(line)
        except BaseException:
            line.close()
            raise
        return line

    async def _ask(self, line: SMTP, sender: str, to: str) -> Outcome | None:
        """None when the server is ready for the text: nothing of the letter has been handed over yet."""
        try:
            await line.mail(sender)
            await line.rcpt(to)
            reply = await line.execute_command(b"DATA")
        except SMTPResponseException as refusal:
            await self._start_over(line, refusal.code)
            return judge(refusal.code, refusal.message)
        except (SMTPException, OSError) as fault:
            self._drop()
            return Outcome("owed", words_of(fault))
        except ValueError as fault:
            await self._start_over(line, 500)
            return Outcome("refused", f"not sent: {fault}", permanent=True)
        if reply.code == START_INPUT:
            return None
        await self._start_over(line, reply.code)
        return judge(reply.code, reply.message)

    async def _hand_over(self, line: SMTP, content: bytes) -> Outcome:
        protocol = line.protocol
        try:
            if protocol is None:
                raise SMTPServerDisconnected("Connection lost before the text was handed over")
            protocol.write(stuffed(content))
        except SMTPServerDisconnected as fault:
            self._drop()
            return Outcome("owed", words_of(fault))
        try:
            # Reading must follow at once: aiosmtplib throws away what arrives while nobody waits for it.
            reply = await protocol.read_response(timeout=self._patience)
        except (SMTPException, OSError) as fault:
            self._drop()
            return Outcome("uncertain", words_of(fault))
        if not 200 <= reply.code < 300:
            await self._start_over(line, reply.code)
        return judge(reply.code, reply.message, handed_over=True)

    async def _start_over(self, line: SMTP, code: int) -> None:
        if code == CLOSING or not 400 <= code < 600:
            self._drop()
            return
        try:
            await line.rset()
        except (SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line:
            line.close()


async def _greet(line: SMTP) -> None:
    try:
        await line.ehlo()
    except SMTPHeloError:
        if not line.is_connected:
            raise
        await line.helo()


def judge(code: int, reply: str, handed_over: bool = False) -> Outcome:
    """What a reply to MAIL, RCPT, DATA or to the text itself makes of a letter."""
    said = f"{code} {reply}".strip()
    if handed_over and 200 <= code < 300:
        return Outcome("sent", said)
    if 500 <= code < 600 and code not in ABOUT_US:
        return Outcome("refused", said, permanent=True)
    return Outcome("uncertain" if handed_over and not 400 <= code < 600 else "owed", said)


def stuffed(content: bytes) -> bytes:
    """The text as it goes over the line: dots doubled, the closing dot added."""
    body = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n").replace(b"\r\n.", b"\r\n..")
    first = b"." if body.startswith(b".") else b""
    return first + body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def words_of(fault: BaseException) -> str:
    """A fault as one line for people; the server's own words where it spoke."""
    if isinstance(fault, SMTPResponseException):
        return " ".join(f"{fault.code} {fault.message}".split())
    return " ".join(str(getattr(fault, "message", "") or fault or type(fault).__name__).split())


@lru_cache
def own_name() -> str:
    return socket.getfqdn()

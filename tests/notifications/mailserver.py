"""A real SMTP server (aiosmtpd) that fails where and how it is told to."""

import asyncio
import socket
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SILENCE = 30.0  # seconds, far more than any test waits


@dataclass
class Fault:
    """What goes wrong: at which phase, how, and how often."""

    phase: str = ""
    kind: str = ""
    times: int = 1


@dataclass
class Sink:
    """What the server has said yes to, and the fault still to come."""

    fault: Fault = field(default_factory=Fault)
    taken: list[bytes] = field(default_factory=list)
    connections: int = 0

    async def strike(self, server: "Failing", phase: str) -> str | None:
        """The fault of this phase, if it is its turn: a reply to give, or None after breaking or falling silent."""
        if self.fault.phase != phase or self.fault.times < 1:
            return "go on"
        self.fault.times -= 1
        if self.fault.kind.isdigit():
            return f"{self.fault.kind} not now" + (" closing" if self.fault.kind == "421" else "")
        if self.fault.kind == "silence":
            await asyncio.sleep(SILENCE)
        if self.fault.kind == "babble":
            return "what was that"
        hang_up(server.transport, rudely=self.fault.kind == "reset")
        return None


def hang_up(transport: Any, rudely: bool = False) -> None:
    """Ends a connection; rudely: with RST instead of FIN."""
    if transport and rudely:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    elif transport:
        transport.close()


class Handler:
    """Takes letters; `handle_DATA` is the server's final reply."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    async def handle_DATA(self, server: "Failing", _: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await self.sink.strike(server, "final")
        if reply == "go on":
            self.sink.taken.append(envelope.content or b"")  # type: ignore[arg-type]
            if await self.sink.strike(server, "kept") == "go on":
                return "250 2.0.0 taken"
        return reply if reply and reply != "go on" else "451 broken"


class Failing(SMTP):
    """Every phase asks the sink first."""

    sink: Sink

    async def _meet(self, phase: str) -> bool:
        reply = await self.sink.strike(self, phase)
        if reply == "go on":
            return True
        if reply:
            await self.push(reply)
            if reply.startswith("421"):
                hang_up(self.transport)
        return False

    async def _handle_client(self) -> None:
        self.sink.connections += 1
        # The encrypted half of a STARTTLS conversation begins here again, without a greeting.
        if (self.session and self.session.ssl) or await self._meet("greeting"):
            await super()._handle_client()
        else:
            hang_up(self.transport)

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if await self._meet("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        if await self._meet("ehlo"):
            await super().smtp_HELO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        if await self._meet("starttls"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if await self._meet("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        if await self._meet("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        if await self._meet("rcpt"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if await self._meet("data"):
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        if await self._meet("quit"):
            await super().smtp_QUIT(arg)


@asynccontextmanager
async def mail_server(fault: Fault | None = None, **options: Any) -> AsyncIterator[tuple[int, Sink]]:
    """A server on a free port: its port and what it took."""
    sink, loop = Sink(fault or Fault()), asyncio.get_running_loop()
    servers: list[Failing] = []

    def factory() -> Failing:
        server = Failing(Handler(sink), loop=loop, **options)
        server.sink = sink
        servers.append(server)
        return server

    listening = await loop.create_server(factory, "127.0.0.1", 0)
    try:
        yield listening.sockets[0].getsockname()[1], sink
    finally:
        listening.close()
        for server in servers:
            hang_up(server.transport)
            if server._handler_coroutine:
                server._handler_coroutine.cancel()


def guarded() -> dict[str, Any]:
    """Options of a server that asks for STARTTLS and for signing in as user / secret."""

    def check(_: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"user", b"secret"), handled=False)

    return {"tls_context": contexts()[0], "require_starttls": True, "authenticator": check, "auth_required": True}


@lru_cache
def contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for the server and for a client that trusts it."""
    private, certificate = papers()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(private + certificate)
        file.flush()
        server.load_cert_chain(file.name)
    return server, ssl.create_default_context(cadata=certificate.decode())


@lru_cache
def papers() -> tuple[bytes, bytes]:
    """A private key and its certificate for localhost, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begun = datetime.now(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), begun, begun + timedelta(days=9)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    certificate = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, certificate

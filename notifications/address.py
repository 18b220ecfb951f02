"""Where the mail server is and how to speak to it, read from one URL."""

from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

MODES = ("none", "starttls", "tls")
PORTS = {"none": 25, "starttls": 587, "tls": 465}
EXAMPLE = "smtp://user:secret@mail.example.org:587?tls=starttls"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server; `tls` is none, starttls or tls."""

    host: str
    port: int
    tls: str
    user: str | None = None
    secret: str | None = field(default=None, repr=False)


def server_of(smtp_url: str) -> Server:
    """`smtp://user:secret@host:port?tls=none|starttls|tls`. Raises ValueError, which never repeats the secret."""
    try:
        parts = urlsplit(smtp_url.strip())
        port, asked = parts.port, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError as fault:
        raise ValueError(f"The SMTP address cannot be read. It should look like {EXAMPLE}") from fault
    mode = asked.pop("tls", {465: "tls", 587: "starttls"}.get(port or 25, "none"))
    if parts.scheme != "smtp" or not parts.hostname or asked or parts.path.strip("/") or mode not in MODES:
        raise ValueError(f"The SMTP address should look like {EXAMPLE}, with tls one of {', '.join(MODES)}")
    user = unquote(parts.username) if parts.username else None
    secret = unquote(parts.password) if parts.password else None
    return Server(parts.hostname, port or PORTS[mode], mode, user, secret)
